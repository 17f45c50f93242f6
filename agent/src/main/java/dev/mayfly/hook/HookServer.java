package dev.mayfly.hook;

import dev.mayfly.linux.UnixListener;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Listens on the socket of one runner's hooks. */
public final class HookServer implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final UnixListener listener;
  private final Service service;
  private final Set<ServedHook> served = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private HookServer(UnixListener listener, Service service) {
    this.listener = listener;
    this.service = service;
  }

  /**
   * What is served.
   *
   * @param users whose processes are
   * @param grace how long what a signal was for may go on before it is ended
   * @param log takes lines on calls that failed
   */
  public record Service(
      HookHandler handler,
      Set<UserPrincipal> users,
      Duration grace,
      String mayflyVersion,
      Consumer<String> log) {
    public Service {
      users = Set.copyOf(users);
    }
  }

  /**
   * Listens, on a thread of its own.
   *
   * @param gid group whose processes may connect
   */
  public static HookServer start(Path socket, int gid, Service service) throws IOException {
    HookServer server =
        new HookServer(UnixListener.open(socket, new UnixListener.Access.Group(gid)), service);
    Thread.ofVirtual().name("hooks " + socket.getFileName()).start(server::accept);
    return server;
  }

  /** What keeps it from taking one, such as a lack of file descriptors, may pass. */
  private void accept() {
    boolean failing = false;
    while (true) {
      try {
        SocketChannel client = listener.accept();
        failing = false;
        Thread.ofVirtual().name("hook").start(() -> serve(client));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        if (!failing) {
          service.log.accept(
              "hooks can't be taken on " + listener.socket() + ", still trying: " + e.getMessage());
        }
        failing = true;
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private void serve(SocketChannel client) {
    try (ServedHook hook = new ServedHook(client)) {
      served.add(hook);
      try {
        if (closed) {
          return;
        }
        UnixListener.refuseStrangers(client, service.users);
        hook.serve(service.mayflyVersion, service.handler, service.grace);
      } finally {
        served.remove(hook);
      }
    } catch (EOFException | ClosedChannelException e) {
      return; // The hook has all it wanted, or died, and its call was ended.
    } catch (IOException e) {
      service.log.accept("hook: " + e.getMessage());
    }
  }

  /** Takes no further calls, and hangs up on those that are being served. */
  @Override
  public void close() throws IOException {
    closed = true;
    try (listener) {
      listener.stopAccepting();
      for (ServedHook hook : served) {
        hook.close();
      }
    }
  }
}
