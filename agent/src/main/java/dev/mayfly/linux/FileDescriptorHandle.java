package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** An open file descriptor of this process, closed once. */
final class FileDescriptorHandle implements AutoCloseable {
  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileDescriptorHandle(int fd) {
    this.fd = fd;
  }

  static FileDescriptorHandle of(int fd) {
    return new FileDescriptorHandle(fd);
  }

  static FileDescriptorHandle open(Path path, int flags) throws SyscallException {
    try {
      return new FileDescriptorHandle(LibC.open(path.toString(), flags | LibC.O_CLOEXEC, 0));
    } catch (LastErrorException e) {
      throw new SyscallException("open", path, e.getErrorCode());
    }
  }

  int fd() {
    return fd;
  }

  /** A path that names exactly what is open, whatever its name means by now (proc(5)). */
  Path path() {
    return Path.of("/proc/self/fd/" + fd);
  }

  /** Closes without error: on Linux the descriptor is released whatever close(2) answers. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        LibC.close(fd);
      } catch (LastErrorException ignored) {
        // Released all the same, see close(2), "Dealing with error returns".
      }
    }
  }
}
