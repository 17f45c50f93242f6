package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The file of an event that comes with a descriptor, until this is closed. */
public final class OpenedFile implements AutoCloseable {
  private static final int PATH_MAX = 4096;

  private final FileDescriptorHandle descriptor;

  private OpenedFile(FileDescriptorHandle descriptor) {
    this.descriptor = descriptor;
  }

  public static OpenedFile of(FanotifyEvent event) {
    return new OpenedFile(FileDescriptorHandle.of(event.descriptor()));
  }

  /** Its path in the mount name space of who opened it. */
  public byte[] path() {
    byte[] target = new byte[PATH_MAX];
    byte[] link = (descriptor.path() + "\0").getBytes(StandardCharsets.US_ASCII);
    try {
      return Arrays.copyOf(
          target, (int) LibC.readlinkat(LibC.AT_FDCWD, link, target, target.length));
    } catch (LastErrorException e) {
      return new byte[0];
    }
  }

  public FoundFile found() throws SyscallException {
    try {
      return FoundFile.of(descriptor.fd(), new byte[] {0});
    } catch (LastErrorException e) {
      throw new SyscallException("statx", "an opened file", e.getErrorCode());
    }
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
