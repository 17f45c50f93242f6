package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Where something is in a tree that is copied, made or removed, for messages only: nothing is
 * opened by it.
 *
 * @param parent null for the top, whose name is a path of the host
 */
record TreePlace(Side side, @Nullable TreePlace parent, byte[] name) {
  /** Enough to find it by; a hostile name is not to push the rest out of a message. */
  private static final int MAX_SHOWN = 120;

  /** Which tree, since what helps is not the same. */
  enum Side {
    SOURCE,
    TARGET,

    /** One that an account has for itself. */
    ACCOUNT
  }

  TreePlace entry(byte[] entry) {
    return new TreePlace(side, this, entry);
  }

  SyscallException failure(String operation, LastErrorException e) {
    return failure(operation, e.getErrorCode());
  }

  SyscallException failure(String operation, int errno) {
    return new SyscallException(operation, this, errno, remedy(errno));
  }

  private String remedy(int errno) {
    return switch (errno) {
      case Errno.EMFILE, Errno.ENFILE ->
          "raise the limit on open files (ulimit -n, or LimitNOFILE of the service)";
      case Errno.ENOSYS -> "run a kernel that has openat2(2): Linux 5.6 or later";
      default ->
          switch (side) {
            case SOURCE -> sourceRemedy(errno);
            case TARGET -> targetRemedy(errno);
            case ACCOUNT -> accountRemedy(errno);
          };
    };
  }

  private static String sourceRemedy(int errno) {
    return switch (errno) {
      case Errno.EACCES, Errno.EPERM ->
          "let the user that Mayfly runs as read it, or take it out of the tree";
      case Errno.EAGAIN -> "wait for who holds a lease on it, or take it out of the tree";
      default -> "check the file system that it is on, or take it out of the tree";
    };
  }

  private static String targetRemedy(int errno) {
    return switch (errno) {
      case Errno.ENOSPC, Errno.EDQUOT ->
          "copy less, or make more room (for a sandbox: limits.disk and limits.inodes)";
      case Errno.EISDIR -> "remove the directory that is there, or copy to an empty one";
      case Errno.EROFS -> "copy to a file system that is mounted writable";
      case Errno.EACCES, Errno.EPERM ->
          "copy to a directory that the user that Mayfly runs as can write";
      case Errno.EEXIST, Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENOTEMPTY, Errno.EXDEV ->
          "somebody changes it meanwhile: copy to a directory that nobody else writes to";
      default -> "check the file system that it is on, or copy to another";
    };
  }

  private static String accountRemedy(int errno) {
    return switch (errno) {
      case Errno.ENOSPC, Errno.EDQUOT -> "make room on its file system";
      case Errno.EROFS -> "mount its file system writable";
      case Errno.EACCES, Errno.EPERM -> "run Mayfly as root";
      default -> "look who else uses it, and remove it by hand";
    };
  }

  /** The names from the top of the tree on, as {@code /directory/file}. */
  String within() {
    Deque<byte[]> names = new ArrayDeque<>();
    for (TreePlace at = this; at.parent != null; at = at.parent) {
      names.push(at.name);
    }
    StringBuilder text = new StringBuilder();
    for (byte[] each : names) {
      text.append('/').append(escaped(each));
    }
    return shortened(text.toString());
  }

  @Override
  public String toString() {
    TreePlace top = this;
    while (top.parent != null) {
      top = top.parent;
    }
    return shortened(escaped(top.name)) + within();
  }

  /** Bytes of a hostile tree for a message: what is not printable ASCII is escaped. */
  static String shown(byte[] bytes) {
    return shortened(escaped(bytes));
  }

  private static String escaped(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b >= 0x20 && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x%02x".formatted(b & 0xff));
      }
    }
    return text.toString();
  }

  private static String shortened(String text) {
    if (text.length() <= MAX_SHOWN) {
      return text;
    }
    int half = MAX_SHOWN / 2;
    return text.substring(0, half) + "…" + text.substring(text.length() - half);
  }
}
