package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An open directory, whose entries are reached by one name at a time, never through a link and
 * never outside of it (openat2(2) with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and
 * RESOLVE_NO_MAGICLINKS), whatever somebody does to the tree meanwhile. Names are bytes, as the
 * kernel has them.
 */
final class BeneathDirectory implements AutoCloseable {
  private static final long RESOLVE_NO_MAGICLINKS = 2;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long RESOLVE_BENEATH = 8;

  /** struct open_how: flags, mode, resolve, each 64 bits. */
  private static final int OPEN_HOW_SIZE = 24;

  /** At least what struct stat takes; where its mode is differs by architecture. */
  private static final int STAT_SIZE = 256;

  private static final int STAT_MODE =
      System.getProperty("os.arch", "").equals("aarch64") ? 16 : 24;

  private static final int LISTING_BUFFER = 64 << 10;
  private static final int ENTRY_LENGTH = 16;
  private static final int ENTRY_NAME = 19;
  private static final int PATH_MAX = 4096;

  private final FileDescriptorHandle handle;

  private BeneathDirectory(FileDescriptorHandle handle) {
    this.handle = handle;
  }

  /** Opens the top of a tree. Its own name is trusted, and may be a link. */
  static BeneathDirectory open(Path top) throws SyscallException {
    return new BeneathDirectory(FileDescriptorHandle.open(top, LibC.O_RDONLY | LibC.O_DIRECTORY));
  }

  /** What an open file is, by the descriptor. */
  record Facts(Kind kind, int mode, long size, FileTime modified) {}

  /** What is told apart when copying. */
  enum Kind {
    FILE,
    DIRECTORY,
    LINK,
    OTHER
  }

  BeneathDirectory directory(byte[] name) throws SyscallException {
    return new BeneathDirectory(openat2(name, LibC.O_RDONLY | LibC.O_DIRECTORY, 0));
  }

  /**
   * What the name is now. Only to choose how to open it: what is opened is asked again, by its
   * descriptor.
   */
  Kind kind(byte[] name) throws IOException {
    try (FileDescriptorHandle seen = openat2(name, LibC.O_PATH | LibC.O_NOFOLLOW, 0);
        Memory stat = new Memory(STAT_SIZE)) {
      LibC.fstat(seen.fd(), stat);
      return kindOf(stat.getInt(STAT_MODE));
    } catch (LastErrorException e) {
      throw failure("fstat", name, e);
    }
  }

  /**
   * Opens a file to be read. What it is must be asked of the descriptor, which never waits for a
   * peer.
   */
  FileDescriptorHandle read(byte[] name) throws SyscallException {
    return openat2(name, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK, 0);
  }

  /** Makes a new file, readable by nobody else until it is given its mode. */
  FileDescriptorHandle create(byte[] name) throws SyscallException {
    return openat2(name, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_NOFOLLOW, 0600);
  }

  private FileDescriptorHandle openat2(byte[] name, int flags, int mode) throws SyscallException {
    try (Memory how = new Memory(OPEN_HOW_SIZE)) {
      how.setLong(0, (flags | LibC.O_CLOEXEC) & 0xffffffffL);
      how.setLong(8, mode);
      how.setLong(16, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
      return FileDescriptorHandle.of(
          (int) LibC.syscall(LibC.SYS_OPENAT2, handle.fd(), terminated(name), how, OPEN_HOW_SIZE));
    } catch (LastErrorException e) {
      throw failure("openat2", name, e);
    }
  }

  static Facts facts(FileDescriptorHandle open) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(open.path(), "unix:mode,size,lastModifiedTime");
    int mode = (Integer) Objects.requireNonNull(attributes.get("mode"));
    return new Facts(
        kindOf(mode),
        mode & 0777,
        (Long) Objects.requireNonNull(attributes.get("size")),
        (FileTime) Objects.requireNonNull(attributes.get("lastModifiedTime")));
  }

  private static Kind kindOf(int mode) {
    return switch (mode & 0170000) {
      case 0100000 -> Kind.FILE;
      case 0040000 -> Kind.DIRECTORY;
      case 0120000 -> Kind.LINK;
      default -> Kind.OTHER;
    };
  }

  /** The names in the directory, without itself and its parent (getdents64(2)). */
  List<byte[]> names() throws SyscallException {
    List<byte[]> names = new ArrayList<>();
    try (Memory buffer = new Memory(LISTING_BUFFER)) {
      while (true) {
        long length = LibC.syscall(LibC.SYS_GETDENTS64, handle.fd(), buffer, LISTING_BUFFER);
        if (length == 0) {
          return names;
        }
        for (long at = 0; at < length; at += buffer.getShort(at + ENTRY_LENGTH) & 0xffff) {
          byte[] name = name(buffer, at);
          if (!Arrays.equals(name, new byte[] {'.'})
              && !Arrays.equals(name, new byte[] {'.', '.'})) {
            names.add(name);
          }
        }
      }
    } catch (LastErrorException e) {
      throw new SyscallException("getdents64", "a directory of the tree", e.getErrorCode());
    }
  }

  private static byte[] name(Memory buffer, long entry) {
    int length = 0;
    while (buffer.getByte(entry + ENTRY_NAME + length) != 0) {
      length++;
    }
    return buffer.getByteArray(entry + ENTRY_NAME, length);
  }

  /** The text of a link. */
  byte[] link(byte[] name) throws SyscallException {
    byte[] target = new byte[PATH_MAX];
    try {
      long length = LibC.readlinkat(handle.fd(), terminated(name), target, target.length);
      return Arrays.copyOf(target, (int) length);
    } catch (LastErrorException e) {
      throw failure("readlinkat", name, e);
    }
  }

  void makeDirectory(byte[] name) throws SyscallException {
    try {
      LibC.mkdirat(handle.fd(), terminated(name), 0700);
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.EEXIST) {
        throw failure("mkdirat", name, e);
      }
    }
  }

  void makeLink(byte[] name, byte[] target, TreeCopy.Owner owner) throws SyscallException {
    try {
      LibC.symlinkat(terminated(target), handle.fd(), terminated(name));
      LibC.fchownat(
          handle.fd(), terminated(name), owner.uid(), owner.gid(), LibC.AT_SYMLINK_NOFOLLOW);
    } catch (LastErrorException e) {
      throw failure("symlinkat", name, e);
    }
  }

  /** Removes a file or link, so that a new one can be made. Nothing to do where there is none. */
  void remove(byte[] name) throws SyscallException {
    try {
      LibC.unlinkat(handle.fd(), terminated(name), 0);
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.ENOENT) {
        throw failure("unlinkat", name, e);
      }
    }
  }

  /**
   * Gives what is open its owner and then its mode, since changing the owner can clear bits of it.
   */
  static void finish(FileDescriptorHandle open, byte[] name, TreeCopy.Owner owner, Facts facts)
      throws IOException {
    try {
      LibC.fchown(open.fd(), owner.uid(), owner.gid());
      LibC.fchmod(open.fd(), facts.mode());
    } catch (LastErrorException e) {
      throw failure("fchown", name, e);
    }
    Files.setLastModifiedTime(open.path(), facts.modified());
  }

  FileDescriptorHandle handle() {
    return handle;
  }

  private static byte[] terminated(byte[] name) {
    return Arrays.copyOf(name, name.length + 1);
  }

  private static SyscallException failure(String call, byte[] name, LastErrorException e) {
    return new SyscallException(call, shown(name), e.getErrorCode());
  }

  /** A name for a message: what is not printable ASCII is escaped. */
  static String shown(byte[] name) {
    StringBuilder text = new StringBuilder();
    for (byte b : name) {
      if (b > 0x20 && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x%02x".formatted(b & 0xff));
      }
    }
    return text.toString();
  }

  /** A name's bytes as one char each, for looking at its structure. */
  static String latin1(byte[] name) {
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    handle.close();
  }
}
