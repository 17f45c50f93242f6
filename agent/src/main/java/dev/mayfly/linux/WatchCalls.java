package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.ByteBuffer;

/** The C library's calls for fanotify(7), file handles and waiting, as they are. */
final class WatchCalls {
  static final int CLOCK_BOOTTIME = 7;
  static final int EFD_CLOEXEC = 0x80000;
  static final short POLLIN = 1;

  static {
    Native.register("c");
  }

  private WatchCalls() {}

  static native int fanotify_init(int flags, int eventFlags) throws LastErrorException;

  static native int fanotify_mark(int group, int flags, long mask, int dirfd, String path)
      throws LastErrorException;

  static native int open_by_handle_at(int mount, byte[] handle, int flags)
      throws LastErrorException;

  static native int name_to_handle_at(
      int dirfd, byte[] name, byte[] handle, int[] mountId, int flags) throws LastErrorException;

  static native int statx(int dirfd, byte[] name, int flags, int mask, byte[] found)
      throws LastErrorException;

  static native int openat(int dirfd, byte[] name, int flags) throws LastErrorException;

  static native long getxattr(String path, String name, byte[] value, long size)
      throws LastErrorException;

  /** Into a direct buffer. */
  static native long read(int fd, ByteBuffer buffer, long size) throws LastErrorException;

  /** Into a direct buffer. */
  static native long recv(int fd, ByteBuffer buffer, long size, int flags)
      throws LastErrorException;

  static native int poll(ByteBuffer descriptors, long count, int timeout) throws LastErrorException;

  static native int eventfd(int count, int flags) throws LastErrorException;

  static native long write(int fd, byte[] bytes, long size) throws LastErrorException;

  static native int setpriority(int kind, int who, int nice) throws LastErrorException;

  static native int clock_gettime(int clock, ByteBuffer time) throws LastErrorException;
}
