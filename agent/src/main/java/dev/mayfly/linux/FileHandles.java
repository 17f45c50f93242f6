package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of one mounted file system by their handles. It stays in use until this is closed.
 * Wants CAP_DAC_READ_SEARCH in the host's first user name space.
 */
public final class FileHandles implements AutoCloseable {
  private static final int PATH_MAX = 4096;
  private static final byte[] NOTHING = {0};
  private static final byte[] PARENT = {'.', '.', 0};
  private static final int HEADER = 2 * Integer.BYTES;

  private final FileDescriptorHandle mount;
  private final FileHandle root;
  private final int device;

  private FileHandles(FileDescriptorHandle mount) {
    this.mount = mount;
    this.root = handle(mount.fd(), NOTHING);
    this.device = stat(mount.fd()).device();
  }

  /** Opens what is mounted at {@code mount}. */
  public static FileHandles of(Path mount) throws SyscallException {
    FileDescriptorHandle directory =
        FileDescriptorHandle.open(mount, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
    try {
      return new FileHandles(directory);
    } catch (LastErrorException e) {
      directory.close();
      throw new SyscallException("name_to_handle_at", mount, e.getErrorCode());
    }
  }

  public FileHandle root() {
    return root;
  }

  /** Of the file system, {@code major << 20 | minor}. */
  public int device() {
    return device;
  }

  /** Where a directory is. */
  public record Location(FileHandle parent, byte[] name) {}

  /**
   * Where a directory is now, beside the root.
   *
   * @return empty where it is nowhere any more
   */
  public Optional<Location> locate(FileHandle directory) {
    try (FileDescriptorHandle held = open(directory)) {
      FoundFile found = stat(held.fd());
      if (found.links() == 0) {
        return Optional.empty();
      }
      byte[] path = link(held);
      int slash = path.length - 1;
      while (slash >= 0 && path[slash] != '/') {
        slash--;
      }
      if (path.length >= PATH_MAX || slash < 0) {
        return Optional.empty();
      }
      return Optional.of(
          new Location(
              handle(held.fd(), PARENT), Arrays.copyOfRange(path, slash + 1, path.length)));
    } catch (LastErrorException e) {
      return Optional.empty();
    }
  }

  /**
   * What a name in a directory means now.
   *
   * @return empty where there is no such name any more
   */
  public Optional<FileHandle> find(FileHandle directory, byte[] name) {
    try (FileDescriptorHandle held = open(directory)) {
      return Optional.of(handle(held.fd(), Arrays.copyOf(name, name.length + 1)));
    } catch (LastErrorException e) {
      return Optional.empty();
    }
  }

  /**
   * Holds a file, so that it can be looked at.
   *
   * @return null where it is gone
   */
  public @Nullable Held hold(FileHandle file) {
    try {
      FileDescriptorHandle held = open(file);
      try {
        return new Held(held, stat(held.fd()));
      } catch (LastErrorException e) {
        held.close();
        return null;
      }
    } catch (LastErrorException e) {
      return null;
    }
  }

  /** A file that can't go while it is held. */
  public static final class Held implements AutoCloseable {
    private final FileDescriptorHandle descriptor;
    private final FoundFile found;

    private Held(FileDescriptorHandle descriptor, FoundFile found) {
      this.descriptor = descriptor;
      this.found = found;
    }

    public FoundFile found() {
      return found;
    }

    /** What a symbolic link leads to; empty where it is none. */
    public byte[] target() {
      byte[] target = new byte[PATH_MAX];
      try {
        int length = (int) LibC.readlinkat(descriptor.fd(), NOTHING, target, target.length);
        return Arrays.copyOf(target, length);
      } catch (LastErrorException e) {
        return new byte[0];
      }
    }

    /**
     * Whether overlayfs copied it up from a lower layer (kernel document filesystems/overlayfs).
     */
    public boolean copiedUp() {
      return has("trusted.overlay.origin");
    }

    /** Whether overlayfs keeps something about what is in this directory with it. */
    public boolean isLayersOwn() {
      return has("trusted.overlay.impure") || has("trusted.overlay.opaque");
    }

    private boolean has(String attribute) {
      try {
        WatchCalls.getxattr(descriptor.path().toString(), attribute, new byte[0], 0);
        return true;
      } catch (LastErrorException e) {
        return false;
      }
    }

    @Override
    public void close() {
      descriptor.close();
    }
  }

  private FileDescriptorHandle open(FileHandle file) {
    return FileDescriptorHandle.of(
        WatchCalls.open_by_handle_at(
            mount.fd(), file.encoded(), LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC));
  }

  private static FileHandle handle(int directory, byte[] name) {
    byte[] encoded = new byte[HEADER + FileHandle.MOST_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(encoded).order(ByteOrder.nativeOrder());
    buffer.putInt(0, FileHandle.MOST_BYTES);
    WatchCalls.name_to_handle_at(
        directory, name, encoded, new int[1], name.length == 1 ? LibC.AT_EMPTY_PATH : 0);
    return new FileHandle(
        buffer.getInt(Integer.BYTES),
        Arrays.copyOfRange(encoded, HEADER, HEADER + buffer.getInt(0)));
  }

  private static FoundFile stat(int fd) {
    return FoundFile.of(fd, NOTHING);
  }

  private static byte[] link(FileDescriptorHandle held) {
    byte[] target = new byte[PATH_MAX];
    byte[] path = (held.path() + "\0").getBytes(StandardCharsets.UTF_8);
    int length = (int) LibC.readlinkat(LibC.AT_FDCWD, path, target, target.length);
    return Arrays.copyOf(target, length);
  }

  @Override
  public void close() {
    mount.close();
  }
}
