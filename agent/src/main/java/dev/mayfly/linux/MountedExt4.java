package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** An ext4 file system that stays in reach, wherever it is unmounted, until this is closed. */
public final class MountedExt4 implements AutoCloseable {
  /** Of include/uapi/linux/fs.h in newer kernels, of fs/ext4/ext4.h in older ones. */
  private static final long FS_IOC_SHUTDOWN = 0x8004587DL;

  private static final int FS_SHUTDOWN_FLAGS_NOLOGFLUSH = 2;

  private final Path target;
  private final FileDescriptorHandle root;

  private MountedExt4(Path target, FileDescriptorHandle root) {
    this.target = target;
    this.root = root;
  }

  /**
   * Opens what is mounted at {@code target}.
   *
   * @return empty unless it is the file system of this very device: it could be the host's own
   */
  public static Optional<MountedExt4> open(Path target, Path device) throws IOException {
    FileDescriptorHandle root =
        FileDescriptorHandle.open(target, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
    try {
      if (Files.getAttribute(root.path(), "unix:dev")
          .equals(Files.getAttribute(device, "unix:rdev"))) {
        return Optional.of(new MountedExt4(target, root));
      }
    } catch (IOException e) {
      root.close();
      throw e;
    }
    root.close();
    return Optional.empty();
  }

  /**
   * Ends its use: what is not written yet never is, and whoever still uses it gets EIO. Its last
   * unmount takes no time after that, however much was to be written.
   */
  public void shutDown() throws SyscallException {
    try (Memory flags = new Memory(Integer.BYTES)) {
      flags.setInt(0, FS_SHUTDOWN_FLAGS_NOLOGFLUSH);
      LibC.ioctl(root.fd(), FS_IOC_SHUTDOWN, flags);
    } catch (LastErrorException e) {
      throw new SyscallException("ioctl FS_IOC_SHUTDOWN", target, e.getErrorCode());
    }
  }

  @Override
  public void close() {
    root.close();
  }
}
