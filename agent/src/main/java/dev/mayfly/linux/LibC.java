package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** The C library's calls as they are. Nothing here decides anything. */
final class LibC {
  static final int AT_FDCWD = -100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_EMPTY_PATH = 0x1000;

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int O_DIRECTORY = isArm64() ? 0x4000 : 0x10000;
  static final int O_NOFOLLOW = isArm64() ? 0x8000 : 0x20000;
  static final int O_PATH = 0x200000;

  static final int LOCK_SH = 1;
  static final int LOCK_EX = 2;
  static final int LOCK_NB = 4;

  static final int AF_NETLINK = 16;
  static final int SOCK_RAW = 3;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_RCVBUFFORCE = 33;
  static final int SOL_NETLINK = 270;
  static final int CLONE_NEWNET = 0x40000000;

  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;
  static final short POLLIN = 1;

  static final long SYS_OPENAT2 = 437;
  static final long SYS_BPF = isArm64() ? 280 : 321;
  static final long SYS_GETDENTS64 = isArm64() ? 61 : 217;

  static {
    Native.register("c");
  }

  private LibC() {}

  private static boolean isArm64() {
    return System.getProperty("os.arch", "").equals("aarch64");
  }

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int flock(int fd, int operation) throws LastErrorException;

  static native int ioctl(int fd, long request, Pointer argument) throws LastErrorException;

  static native int ioctl(int fd, long request, long argument) throws LastErrorException;

  static native int socket(int family, int type, int protocol) throws LastErrorException;

  static native int bind(int fd, byte[] address, int length) throws LastErrorException;

  static native int setsockopt(int fd, int level, int option, int[] value, int length)
      throws LastErrorException;

  static native long send(int fd, byte[] message, long length, int flags) throws LastErrorException;

  static native long recv(int fd, byte[] buffer, long length, int flags) throws LastErrorException;

  static native int setns(int fd, int kind) throws LastErrorException;

  static native int fcntl(int fd, int command, int argument) throws LastErrorException;

  static native int mount(String source, String target, String type, long flags, String data)
      throws LastErrorException;

  static native int umount2(String target, int flags) throws LastErrorException;

  static native long syscall(long number, int dirfd, byte[] path, Pointer how, long size)
      throws LastErrorException;

  static native long syscall(long number, int fd, Pointer entries, long size)
      throws LastErrorException;

  static native long syscall(long number, int first, int second) throws LastErrorException;

  static native int mkdirat(int dirfd, byte[] name, int mode) throws LastErrorException;

  static native int symlinkat(byte[] target, int dirfd, byte[] name) throws LastErrorException;

  static native long readlinkat(int dirfd, byte[] name, byte[] target, long size)
      throws LastErrorException;

  static native int unlinkat(int dirfd, byte[] name, int flags) throws LastErrorException;

  static native int renameat(int fromFd, byte[] from, int toFd, byte[] to)
      throws LastErrorException;

  static native int mkfifo(String path, int mode) throws LastErrorException;

  static native long read(int fd, Pointer buffer, long size) throws LastErrorException;

  static native long write(int fd, Pointer buffer, long size) throws LastErrorException;

  static native int fchownat(int dirfd, byte[] name, int uid, int gid, int flags)
      throws LastErrorException;

  static native int fchmod(int fd, int mode) throws LastErrorException;

  static native int futimens(int fd, Pointer times) throws LastErrorException;

  static native Pointer mmap(
      @Nullable Pointer address, long size, int protection, int flags, int fd, long offset)
      throws LastErrorException;

  static native int munmap(Pointer address, long size) throws LastErrorException;

  static native int poll(Pointer descriptors, long count, int milliseconds)
      throws LastErrorException;

  static native int getpagesize();

  static native int geteuid();

  /** Null where no account has the number. */
  static native @Nullable Pointer getpwuid(int uid);

  static native @Nullable Pointer getgrgid(int gid);

  static native int isatty(int fd);

  static native int tcgetattr(int fd, Pointer termios) throws LastErrorException;

  static native int tcsetattr(int fd, int actions, Pointer termios) throws LastErrorException;

  static native void cfmakeraw(Pointer termios);

  static native int kill(int pid, int signal) throws LastErrorException;

  private static native Pointer strerror_r(int errno, Pointer buffer, long size);

  static String strerror(int errno) {
    try (Memory buffer = new Memory(256)) {
      return strerror_r(errno, buffer, buffer.size()).getString(0);
    }
  }
}
