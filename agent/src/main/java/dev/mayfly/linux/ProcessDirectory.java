package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one process in proc(5). Once it is open it is that process's alone: when the
 * number is given to another one, nothing can be read from it any more. By direct calls, since
 * every microsecond counts until a short process is gone.
 */
public final class ProcessDirectory implements AutoCloseable {
  private static final int O_DIRECTORY_PATH = LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC;
  private static final int PATH_MAX = 4096;
  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(64 << 10));

  private final FileDescriptorHandle directory;

  private ProcessDirectory(FileDescriptorHandle directory) {
    this.directory = directory;
  }

  /** Null where there is no such process. */
  public static @Nullable ProcessDirectory open(int pid) {
    try {
      return new ProcessDirectory(
          FileDescriptorHandle.of(
              WatchCalls.openat(LibC.AT_FDCWD, terminated("/proc/" + pid), O_DIRECTORY_PATH)));
    } catch (LastErrorException e) {
      return null;
    }
  }

  /**
   * What a file has.
   *
   * @param most bytes, no more than 64 KiB; the rest is not read
   * @return null where the process is gone, or nothing of it may be read
   */
  public byte @Nullable [] read(String name, int most) {
    ByteBuffer buffer = BUFFER.get();
    int limit = Math.min(most, buffer.capacity());
    try (FileDescriptorHandle file =
        FileDescriptorHandle.of(
            WatchCalls.openat(directory.fd(), terminated(name), LibC.O_RDONLY | LibC.O_CLOEXEC))) {
      int length = 0;
      while (length < limit) {
        int more =
            (int) WatchCalls.read(file.fd(), buffer.slice(length, limit - length), limit - length);
        if (more <= 0) {
          break;
        }
        length += more;
      }
      byte[] bytes = new byte[length];
      buffer.get(0, bytes);
      return bytes;
    } catch (LastErrorException e) {
      return null;
    }
  }

  /** What a link leads to, at most a page; null where the process is gone. */
  public byte @Nullable [] link(String name) {
    byte[] target = new byte[PATH_MAX];
    try {
      int length = (int) LibC.readlinkat(directory.fd(), terminated(name), target, target.length);
      return Arrays.copyOf(target, length);
    } catch (LastErrorException e) {
      return null;
    }
  }

  /** What its exe link leads to; null where the process is gone. */
  public @Nullable FoundFile executable() {
    try {
      return FoundFile.of(directory.fd(), terminated("exe"));
    } catch (LastErrorException e) {
      return null;
    }
  }

  private static byte[] terminated(String name) {
    return (name + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    directory.close();
  }
}
