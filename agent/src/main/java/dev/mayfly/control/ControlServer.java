package dev.mayfly.control;

import dev.mayfly.linux.DirectoryLock;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/**
 * Listens on the supervisor's socket. Only processes of the supervisor's own user are served
 * (unix(7), SO_PEERCRED).
 */
public final class ControlServer implements AutoCloseable {
  /** Where {@code mayfly exec} looks. */
  public static final Path DEFAULT_SOCKET = Path.of("/run/mayfly/mayfly.sock");

  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;
  private static final int SIGTERM = 15;
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final Path socket;
  private final DirectoryLock lock;
  private final ServerSocketChannel channel;
  private final ExecHandler handler;
  private final String mayflyVersion;
  private final Consumer<String> log;
  private final ReentrantLock lockOfServed = new ReentrantLock();
  private final Set<ServedExec> served = new HashSet<>();
  private boolean stopping;

  private ControlServer(Listening listening, Service service) {
    this.socket = listening.socket;
    this.lock = listening.lock;
    this.channel = listening.channel;
    this.handler = service.handler;
    this.mayflyVersion = service.mayflyVersion;
    this.log = service.log;
  }

  private record Listening(Path socket, DirectoryLock lock, ServerSocketChannel channel) {}

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
    Path owner = socket.resolveSibling(socket.getFileName() + ".lock");
    Optional<DirectoryLock> lock = DirectoryLock.tryAcquire(owner);
    if (lock.isEmpty()) {
      throw new IOException(
          "a supervisor that listens on " + socket + " runs already; stop it first");
    }
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      removeSocket(socket);
      channel.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      return new ControlServer(new Listening(socket, lock.get(), channel), service);
    } catch (IOException e) {
      channel.close();
      Files.deleteIfExists(lock.get().directory());
      lock.get().close();
      throw new IOException("listen on " + socket + ": " + e.getMessage(), e);
    }
  }

  private static void removeSocket(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!isSocket(path)) {
      throw new IOException("there is something that is no socket; name another path");
    }
    Files.delete(path);
  }

  /** By the type of the file as inode(7) has it: Java calls pipes and devices the same. */
  private static boolean isSocket(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & S_IFMT)
            == S_IFSOCK;
  }

  /** Serves until the server is closed. A connection counts as served from here on. */
  public void serve() throws IOException {
    while (true) {
      SocketChannel client;
      try {
        client = channel.accept();
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
      refuseStrangers(client);
      exec.serve(mayflyVersion);
    } catch (EOFException | ClosedChannelException e) {
      return; // The client has all it wanted, or died; its job was ended.
    } catch (IOException e) {
      log.accept("control connection: " + e.getMessage());
    } finally {
      over(exec);
    }
  }

  /** By number: two names can be of one user. */
  private static void refuseStrangers(SocketChannel client) throws IOException {
    UserPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    UserPrincipal own = Files.getOwner(Path.of("/proc/self"));
    if (!peer.equals(own)) {
      throw new IOException("user " + peer + " may not ask this supervisor, only " + own + " may");
    }
  }

  /** Takes no further connections: {@link #serve()} returns. */
  public void stopAccepting() {
    try {
      channel.close();
    } catch (IOException e) {
      log.accept("stop listening on " + socket + ": " + e.getMessage());
    }
  }

  /**
   * Takes no further connections, ends the jobs that run, and returns when all of them are
   * destroyed.
   */
  @Override
  public void close() throws IOException {
    try (lock) {
      channel.close();
      if (isSocket(socket)) {
        Files.delete(socket);
      }
      List<Thread> ending =
          stop().stream().map(exec -> Thread.ofVirtual().start(() -> end(exec))).toList();
      for (Thread thread : ending) {
        thread.join();
      }
      Files.deleteIfExists(lock.directory());
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
