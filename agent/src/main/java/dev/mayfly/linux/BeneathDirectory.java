package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * An open directory, whose entries are reached by one name at a time, never through a link and
 * never outside of it (openat2(2) with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and
 * RESOLVE_NO_MAGICLINKS), whatever somebody does to the tree meanwhile. Names are bytes, as the
 * kernel has them.
 *
 * <p>Mounts are entered (no RESOLVE_NO_XDEV). A job can make none: its seccomp filter has no
 * mount(2), and the host's view of a workspace would not show them. Those of a host's directory are
 * its administrator's, who expects their contents to be copied as cp(1) does.
 */
final class BeneathDirectory implements AutoCloseable {
  private static final long RESOLVE_NO_MAGICLINKS = 2;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long RESOLVE_BENEATH = 8;

  /** struct open_how: flags, mode, resolve, each 64 bits. */
  private static final int OPEN_HOW_SIZE = 24;

  /** One is held for each level of a tree, so it is not large. */
  private static final int LISTING_BUFFER = 32 << 10;

  private static final int ENTRY_LENGTH = 16;
  private static final int ENTRY_NAME = 19;

  private final TreeNode node;

  private BeneathDirectory(TreeNode node) {
    this.node = node;
  }

  /** Opens the top of a tree. Its own name is trusted, and may be a link. */
  static BeneathDirectory open(Path top, TreePlace.Side side) throws SyscallException {
    TreePlace place = new TreePlace(side, null, top.toString().getBytes(StandardCharsets.UTF_8));
    try {
      return new BeneathDirectory(
          new TreeNode(FileDescriptorHandle.open(top, LibC.O_RDONLY | LibC.O_DIRECTORY), place));
    } catch (SyscallException e) {
      throw place.failure("open", e.errno());
    }
  }

  /** Opens a directory that is held, to list it. */
  static BeneathDirectory of(TreeNode held) throws SyscallException {
    return new BeneathDirectory(held.toRead(LibC.O_DIRECTORY));
  }

  /**
   * Holds what the name means now, a link as a link, without opening it.
   *
   * @return empty where there is nothing of this name any more, or it is moved away meanwhile (then
   *     the kernel's last check that it is beneath says EXDEV)
   */
  Optional<TreeNode> hold(byte[] name) throws SyscallException {
    try {
      return Optional.of(openat2(name, LibC.O_PATH | LibC.O_NOFOLLOW, 0));
    } catch (SyscallException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.EXDEV) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Makes a new file, in the reach of nobody else until it is given away. */
  TreeNode create(byte[] name) throws SyscallException {
    return openat2(name, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_NOFOLLOW, 0600);
  }

  private TreeNode openat2(byte[] name, int flags, int mode) throws SyscallException {
    try (Memory how = new Memory(OPEN_HOW_SIZE)) {
      how.setLong(0, (flags | LibC.O_CLOEXEC) & 0xffffffffL);
      how.setLong(8, mode);
      how.setLong(16, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
      long fd = LibC.syscall(LibC.SYS_OPENAT2, fd(), terminated(name), how, OPEN_HOW_SIZE);
      return new TreeNode(FileDescriptorHandle.of((int) fd), node.place().entry(name));
    } catch (LastErrorException e) {
      throw failure("openat2", name, e);
    }
  }

  /** Takes a name of a directory. */
  interface NameAction {
    void accept(byte[] name) throws IOException;
  }

  /**
   * Lists the names in the directory, without itself and its parent (getdents64(2)), a piece at a
   * time: there may be any number of them, and more while they are listed.
   */
  void eachName(NameAction action) throws IOException {
    try (Memory buffer = new Memory(LISTING_BUFFER)) {
      for (long length = list(buffer); length > 0; length = list(buffer)) {
        for (long at = 0; at < length; at += buffer.getShort(at + ENTRY_LENGTH) & 0xffff) {
          byte[] name = nameAt(buffer, at + ENTRY_NAME);
          if (!isDots(name)) {
            action.accept(name);
          }
        }
      }
    }
  }

  private long list(Memory buffer) throws SyscallException {
    try {
      return LibC.syscall(LibC.SYS_GETDENTS64, fd(), buffer, LISTING_BUFFER);
    } catch (LastErrorException e) {
      throw node.place().failure("getdents64", e);
    }
  }

  private static byte[] nameAt(Memory buffer, long start) {
    return buffer.getByteArray(start, (int) buffer.indexOf(start, (byte) 0));
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }

  /**
   * An opened directory.
   *
   * @param fresh whether it was not there before
   */
  record Made(BeneathDirectory directory, boolean fresh) {}

  /**
   * Opens the directory of this name, and makes it where there is none. What else has the name is
   * removed. Neither is written to a directory of somebody else, nor is one given away that was not
   * made here: between a name's making and its opening, the owner of this directory can give the
   * name to something else.
   */
  Made makeDirectory(byte[] name, Ownership owner) throws IOException {
    Optional<BeneathDirectory> there = directoryThere(name);
    if (there.isPresent()) {
      return new Made(checked(there.get(), owner.uid()), false);
    }
    remove(name);
    BeneathDirectory made = makeNew(name);
    try {
      made.node.give(owner);
      return new Made(made, true);
    } catch (IOException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /** Makes a new, empty directory, in the reach of nobody else until it is given away. */
  BeneathDirectory makeNew(byte[] name) throws IOException {
    try {
      LibC.mkdirat(fd(), terminated(name), 0700);
    } catch (LastErrorException e) {
      throw failure("mkdirat", name, e);
    }
    BeneathDirectory made =
        checked(
            new BeneathDirectory(openat2(name, LibC.O_RDONLY | LibC.O_DIRECTORY, 0)),
            Integer.toUnsignedLong(LibC.geteuid()));
    try {
      made.refuseContents();
      return made;
    } catch (IOException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /** Opens the directory of this name, where it is one. */
  Optional<BeneathDirectory> directoryThere(byte[] name) throws IOException {
    Optional<TreeNode> held = hold(name);
    if (held.isEmpty()) {
      return Optional.empty();
    }
    try (TreeNode there = held.get()) {
      return there.facts().kind() == TreeNode.Kind.DIRECTORY
          ? Optional.of(of(there))
          : Optional.empty();
    }
  }

  private static BeneathDirectory checked(BeneathDirectory directory, long owner)
      throws IOException {
    try {
      long found = directory.node.facts().owner().uid();
      if (found != owner) {
        throw new IOException(
            directory.node.place()
                + ": this directory is of uid "
                + found
                + ", not of uid "
                + owner
                + "; remove it, or copy to an empty directory");
      }
      return directory;
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private void refuseContents() throws IOException {
    eachName(
        _ -> {
          throw node.place().failure("openat2", Errno.ENOTEMPTY);
        });
  }

  void makeLink(byte[] name, byte[] text, Ownership owner) throws IOException {
    remove(name);
    try {
      LibC.symlinkat(terminated(text), fd(), terminated(name));
    } catch (LastErrorException e) {
      throw failure("symlinkat", name, e);
    }
    try (TreeNode made = openat2(name, LibC.O_PATH | LibC.O_NOFOLLOW, 0)) {
      if (made.facts().kind() != TreeNode.Kind.LINK) {
        throw made.place().failure("symlinkat", Errno.EEXIST);
      }
      made.give(owner);
    }
  }

  /**
   * Removes what is no directory, so that it can be made anew. Nothing to do where there is none.
   */
  void remove(byte[] name) throws SyscallException {
    if (!removed(name, 0, Errno.EISDIR)) {
      throw node.place().entry(name).failure("unlinkat", Errno.EISDIR);
    }
  }

  /**
   * Removes what is no directory.
   *
   * @return false where it is one
   */
  boolean removeFile(byte[] name) throws SyscallException {
    return removed(name, 0, Errno.EISDIR);
  }

  /**
   * Removes a directory.
   *
   * @return false where something is in it
   */
  boolean removeDirectory(byte[] name) throws SyscallException {
    return removed(name, LibC.AT_REMOVEDIR, Errno.ENOTEMPTY);
  }

  /** True also where nothing has the name. */
  private boolean removed(byte[] name, int flags, int unless) throws SyscallException {
    try {
      LibC.unlinkat(fd(), terminated(name), flags);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == unless) {
        return false;
      }
      if (e.getErrorCode() == Errno.ENOENT) {
        return true;
      }
      throw failure("unlinkat", name, e);
    }
  }

  /** Moves what has the name to another directory of the same file system. */
  void move(byte[] name, BeneathDirectory to, byte[] newName) throws SyscallException {
    try {
      LibC.renameat(fd(), terminated(name), to.fd(), terminated(newName));
    } catch (LastErrorException e) {
      throw failure("renameat", name, e);
    }
  }

  TreeNode node() {
    return node;
  }

  private int fd() {
    return node.handle().fd();
  }

  private SyscallException failure(String call, byte[] name, LastErrorException e) {
    return node.place().entry(name).failure(call, e);
  }

  private static byte[] terminated(byte[] name) {
    return Arrays.copyOf(name, name.length + 1);
  }

  @Override
  public void close() {
    node.close();
  }
}
