package dev.mayfly.control;

import dev.mayfly.linux.UnixListener;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Listens on the supervisor's socket. Only processes of the supervisor's own user are served
 * (unix(7), SO_PEERCRED).
 */
public final class ControlServer implements AutoCloseable {
  /** Where {@code mayfly exec} looks. */
  public static final Path DEFAULT_SOCKET = Path.of("/run/mayfly/mayfly.sock");

  private static final int SIGTERM = 15;
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final UnixListener listener;
  private final ExecHandler handler;
  private final String mayflyVersion;
  private final Consumer<String> log;
  private final ReentrantLock lockOfServed = new ReentrantLock();
  private final Set<ServedExec> served = new HashSet<>();
  private boolean stopping;

  private ControlServer(UnixListener listener, Service service) {
    this.listener = listener;
    this.handler = service.handler;
    this.mayflyVersion = service.mayflyVersion;
    this.log = service.log;
  }

  /**
   * What is served.
   *
   * @param log takes lines on connections that failed
   */
  public record Service(ExecHandler handler, String mayflyVersion, Consumer<String> log) {}

  /**
   * Takes the socket's place and listens. A socket that a dead supervisor left is replaced.
   *
   * @throws IOException where a live supervisor has it, or it can't be made
   */
  public static ControlServer open(Path socket, Service service) throws IOException {
    return new ControlServer(
        UnixListener.open(socket, new UnixListener.Access.OwnerOnly()), service);
  }

  /** Serves until the server is closed. A connection counts as served from here on. */
  public void serve() throws IOException {
    while (true) {
      SocketChannel client;
      try {
        client = listener.accept();
      } catch (ClosedChannelException e) {
        return;
      }
      ControlConnection connection = new ControlConnection(client);
      ServedExec exec = new ServedExec(connection, handler);
      if (!begin(exec)) {
        client.close();
        return;
      }
      Thread.ofVirtual().name("control").start(() -> serve(client, connection, exec));
    }
  }

  /** Whether it may be served: not once the server stops, which ends only what it knows of. */
  private boolean begin(ServedExec exec) {
    lockOfServed.lock();
    try {
      return !stopping && served.add(exec);
    } finally {
      lockOfServed.unlock();
    }
  }

  private void over(ServedExec exec) {
    lockOfServed.lock();
    try {
      served.remove(exec);
    } finally {
      lockOfServed.unlock();
    }
  }

  private List<ServedExec> stop() {
    lockOfServed.lock();
    try {
      stopping = true;
      return List.copyOf(served);
    } finally {
      lockOfServed.unlock();
    }
  }

  private void serve(SocketChannel client, ControlConnection connection, ServedExec exec) {
    try (connection) {
      UnixListener.refuseStrangers(client, Set.of(UnixListener.self()));
      exec.serve(mayflyVersion);
    } catch (EOFException | ClosedChannelException e) {
      return; // The client has all it wanted, or died; its job was ended.
    } catch (IOException e) {
      log.accept("control connection: " + e.getMessage());
    } finally {
      over(exec);
    }
  }

  /** Takes no further connections: {@link #serve()} returns. */
  public void stopAccepting() {
    try {
      listener.stopAccepting();
    } catch (IOException e) {
      log.accept("stop listening on " + listener.socket() + ": " + e.getMessage());
    }
  }

  /**
   * Takes no further connections, ends the jobs that run, and returns when all of them are
   * destroyed.
   */
  @Override
  public void close() throws IOException {
    try (listener) {
      listener.remove();
      List<Thread> ending =
          stop().stream().map(exec -> Thread.ofVirtual().start(() -> end(exec))).toList();
      for (Thread thread : ending) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(ServedExec exec) {
    try {
      exec.end(SIGTERM, END_LIMIT);
    } catch (IOException e) {
      log.accept("control connection: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
