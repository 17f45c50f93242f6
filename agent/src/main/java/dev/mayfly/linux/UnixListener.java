package dev.mayfly.linux;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * A Unix socket that one live process of this host listens on (unix(7)). A lock beside it tells
 * whether its owner lives, so that a socket which a dead one left is replaced, and no other is.
 */
public final class UnixListener implements AutoCloseable {
  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;

  private final Path socket;
  private final DirectoryLock lock;
  private final ServerSocketChannel channel;

  private UnixListener(Path socket, DirectoryLock lock, ServerSocketChannel channel) {
    this.socket = socket;
    this.lock = lock;
    this.channel = channel;
  }

  /** Whom a socket lets in beside its owner. */
  public sealed interface Access {
    /** Nobody. */
    record OwnerOnly() implements Access {}

    /** Processes of a group. */
    record Group(int gid) implements Access {}
  }

  /**
   * Takes the socket's place and listens.
   *
   * @param socket at most 107 bytes long
   * @throws IOException where a live process has it, or it can't be made
   */
  public static UnixListener open(Path socket, Access access) throws IOException {
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
      restrictOrRemove(socket, access);
      return new UnixListener(socket, lock.get(), channel);
    } catch (IOException e) {
      channel.close();
      Files.deleteIfExists(lock.get().directory());
      lock.get().close();
      throw new IOException("listen on " + socket + ": " + e.getMessage(), e);
    }
  }

  private static void restrictOrRemove(Path socket, Access access) throws IOException {
    try {
      restrict(socket, access);
    } catch (IOException e) {
      Files.delete(socket);
      throw e;
    }
  }

  private static void restrict(Path socket, Access access) throws IOException {
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    if (access instanceof Access.Group group) {
      Files.setAttribute(socket, "unix:gid", group.gid(), LinkOption.NOFOLLOW_LINKS);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
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

  public Path socket() {
    return socket;
  }

  /**
   * Waits for the next client.
   *
   * @throws java.nio.channels.ClosedChannelException when no more are taken
   */
  public SocketChannel accept() throws IOException {
    return channel.accept();
  }

  /**
   * Looks who a client is (SO_PEERCRED), by number: two names can be of one user.
   *
   * @throws IOException where it is not one of the users that are served
   */
  public static void refuseStrangers(SocketChannel client, Set<UserPrincipal> served)
      throws IOException {
    UserPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    if (!served.contains(peer)) {
      throw new IOException(
          "user " + peer + " may not ask this supervisor, only " + served + " may");
    }
  }

  /** Whom this process runs as. */
  public static UserPrincipal self() throws IOException {
    return Files.getOwner(Path.of("/proc/self"));
  }

  /** Takes no further clients: {@link #accept} fails. */
  public void stopAccepting() throws IOException {
    channel.close();
  }

  /** Takes no further clients and removes the socket; its place stays taken. */
  public void remove() throws IOException {
    channel.close();
    if (isSocket(socket)) {
      Files.delete(socket);
    }
  }

  /** Removes the socket and gives its place up. */
  @Override
  public void close() throws IOException {
    try (lock) {
      remove();
      Files.deleteIfExists(lock.directory());
    }
  }
}
