package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A file, directory, link or other thing of a tree, held by a descriptor. Its name may mean
 * something else by now; what is held stays the same, so what was asked of it stays true.
 */
final class TreeNode implements AutoCloseable {
  private static final int PATH_MAX = 4096;
  private static final byte[] ITSELF = {0};

  /** Two of struct timespec: of the last access, and of the last change. */
  private static final int TIMES_SIZE = 32;

  private static final long UTIME_OMIT = (1L << 30) - 2;

  private final FileDescriptorHandle handle;
  private final TreePlace place;

  TreeNode(FileDescriptorHandle handle, TreePlace place) {
    this.handle = handle;
    this.place = place;
  }

  /** What is told apart when copying. */
  enum Kind {
    FILE,
    DIRECTORY,
    LINK,
    OTHER
  }

  /**
   * What the node is.
   *
   * @param permissions without setuid, setgid and sticky
   * @param identity equal for two descriptors of the same node
   */
  record Facts(
      Kind kind,
      int permissions,
      long size,
      FileTime modified,
      Ownership owner,
      Identity identity) {}

  record Identity(Object device, Object inode) {}

  Facts facts() throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(handle.path(), "unix:mode,size,lastModifiedTime,uid,gid,dev,ino");
    int mode = (Integer) of(attributes, "mode");
    return new Facts(
        kindOf(mode),
        mode & 0777,
        (Long) of(attributes, "size"),
        (FileTime) of(attributes, "lastModifiedTime"),
        Ownership.of(attributes),
        new Identity(of(attributes, "dev"), of(attributes, "ino")));
  }

  private static Object of(Map<String, Object> attributes, String name) {
    return Objects.requireNonNull(attributes.get(name), name);
  }

  private static Kind kindOf(int mode) {
    return switch (mode & 0170000) {
      case 0100000 -> Kind.FILE;
      case 0040000 -> Kind.DIRECTORY;
      case 0120000 -> Kind.LINK;
      default -> Kind.OTHER;
    };
  }

  /**
   * Opens what was held without access to its contents, to read them. It waits for nobody: not for
   * the other end of a pipe, nor for a lease to be given back (fcntl(2), F_SETLEASE).
   */
  TreeNode toRead(int flags) throws SyscallException {
    try {
      return new TreeNode(
          FileDescriptorHandle.open(handle.path(), LibC.O_RDONLY | LibC.O_NONBLOCK | flags), place);
    } catch (SyscallException e) {
      throw place.failure("open", e.errno());
    }
  }

  /** The text of a link. */
  byte[] linkText() throws SyscallException {
    byte[] text = new byte[PATH_MAX];
    try {
      long length = LibC.readlinkat(handle.fd(), ITSELF, text, text.length);
      return Arrays.copyOf(text, (int) length);
    } catch (LastErrorException e) {
      throw place.failure("readlinkat", e);
    }
  }

  /** Reads on into the buffer; 0 at the end. */
  int read(Memory buffer, long most) throws SyscallException {
    try {
      return (int) LibC.read(handle.fd(), buffer, Math.min(most, buffer.size()));
    } catch (LastErrorException e) {
      throw place.failure("read", e);
    }
  }

  void write(Memory buffer, int length) throws SyscallException {
    try {
      for (int at = 0; at < length; ) {
        at += (int) LibC.write(handle.fd(), buffer.share(at), length - at);
      }
    } catch (LastErrorException e) {
      throw place.failure("write", e);
    }
  }

  void give(Ownership owner) throws SyscallException {
    try {
      LibC.fchownat(handle.fd(), ITSELF, (int) owner.uid(), (int) owner.gid(), LibC.AT_EMPTY_PATH);
    } catch (LastErrorException e) {
      throw place.failure("fchownat", e);
    }
  }

  /** Gives it another's permissions and time; after its owner, since chown(2) can clear bits. */
  void resemble(Facts facts) throws SyscallException {
    try (Memory times = new Memory(TIMES_SIZE)) {
      LibC.fchmod(handle.fd(), facts.permissions());
      long nanos = facts.modified().to(TimeUnit.NANOSECONDS);
      times.setLong(0, 0);
      times.setLong(8, UTIME_OMIT);
      times.setLong(16, Math.floorDiv(nanos, 1_000_000_000L));
      times.setLong(24, Math.floorMod(nanos, 1_000_000_000L));
      LibC.futimens(handle.fd(), times);
    } catch (LastErrorException e) {
      throw place.failure("fchmod", e);
    }
  }

  FileDescriptorHandle handle() {
    return handle;
  }

  TreePlace place() {
    return place;
  }

  @Override
  public void close() {
    handle.close();
  }
}
