package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A block device over a file (loop(4)) that frees itself when its last user is gone
 * (LO_FLAGS_AUTOCLEAR). Close it once it is mounted: the mount keeps it.
 */
public final class LoopDevice implements AutoCloseable {
  private static final Path CONTROL = Path.of("/dev/loop-control");
  private static final long LOOP_CTL_GET_FREE = 0x4C82;
  private static final long LOOP_SET_FD = 0x4C00;
  private static final long LOOP_SET_STATUS64 = 0x4C04;
  private static final long LOOP_CLR_FD = 0x4C01;
  private static final int LO_FLAGS_AUTOCLEAR = 4;

  /** struct loop_info64 of include/uapi/linux/loop.h. */
  private static final int INFO_SIZE = 232;

  private static final int INFO_FLAGS = 52;
  private static final int INFO_FILE_NAME = 56;
  private static final int FILE_NAME_SIZE = 64;
  private static final int ATTEMPTS = 64;

  private final Path path;
  private final FileDescriptorHandle device;

  private LoopDevice(Path path, FileDescriptorHandle device) {
    this.path = path;
    this.device = device;
  }

  /** Puts a free loop device over the file. */
  public static LoopDevice attach(Path file) throws SyscallException {
    try (FileDescriptorHandle control = FileDescriptorHandle.open(CONTROL, LibC.O_RDWR);
        FileDescriptorHandle backing =
            FileDescriptorHandle.open(file, LibC.O_RDWR | LibC.O_NOFOLLOW)) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        Path path = Path.of("/dev/loop" + free(control));
        FileDescriptorHandle device = FileDescriptorHandle.open(path, LibC.O_RDWR);
        try {
          LibC.ioctl(device.fd(), LOOP_SET_FD, backing.fd());
        } catch (LastErrorException e) {
          device.close();
          if (e.getErrorCode() == Errno.EBUSY) {
            continue; // Another process took this number between the two calls.
          }
          throw new SyscallException("ioctl LOOP_SET_FD", path, e.getErrorCode());
        }
        return configure(new LoopDevice(path, device), file);
      }
      throw new SyscallException("ioctl LOOP_SET_FD", file, Errno.EBUSY);
    }
  }

  private static int free(FileDescriptorHandle control) throws SyscallException {
    try {
      return LibC.ioctl(control.fd(), LOOP_CTL_GET_FREE, 0L);
    } catch (LastErrorException e) {
      throw new SyscallException("ioctl LOOP_CTL_GET_FREE", CONTROL, e.getErrorCode());
    }
  }

  private static LoopDevice configure(LoopDevice loop, Path file) throws SyscallException {
    try (Memory info = new Memory(INFO_SIZE)) {
      info.clear();
      info.setInt(INFO_FLAGS, LO_FLAGS_AUTOCLEAR);
      byte[] name = file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
      info.write(INFO_FILE_NAME, name, 0, Math.min(name.length, FILE_NAME_SIZE - 1));
      LibC.ioctl(loop.device.fd(), LOOP_SET_STATUS64, info);
      return loop;
    } catch (LastErrorException e) {
      try {
        LibC.ioctl(loop.device.fd(), LOOP_CLR_FD, 0L);
      } catch (LastErrorException clear) {
        e.addSuppressed(clear);
      }
      loop.close();
      SyscallException failure =
          new SyscallException("ioctl LOOP_SET_STATUS64", loop.path, e.getErrorCode());
      failure.addSuppressed(e);
      throw failure;
    }
  }

  /** The device's node. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    device.close();
  }

  /**
   * What is behind the host's loop devices now.
   *
   * @param backing path of the file; the kernel appends {@code (deleted)} where it has no name any
   *     more
   */
  public record Backed(Path device, String backing) {}

  public static List<Backed> list() throws IOException {
    return list(Path.of("/sys/block"));
  }

  static List<Backed> list(Path blockDevices) throws IOException {
    List<Backed> found = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(blockDevices, "loop*")) {
      for (Path device : devices) {
        Path backing = device.resolve("loop/backing_file");
        if (Files.exists(backing)) {
          String file = readOrEmpty(backing);
          if (!file.isEmpty()) {
            found.add(new Backed(Path.of("/dev").resolve(device.getFileName()), file));
          }
        }
      }
    }
    return List.copyOf(found);
  }

  /** Empty where the device lost its file since its directory was listed. */
  private static String readOrEmpty(Path attribute) throws IOException {
    try {
      return new String(Files.readAllBytes(attribute), StandardCharsets.UTF_8).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
