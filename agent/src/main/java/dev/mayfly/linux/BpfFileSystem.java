package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The file system whose files keep BPF programs and maps alive (bpf(2), BPF_OBJ_PIN). */
public final class BpfFileSystem {
  private static final String TYPE = "bpf";

  private static final long FLAGS = 2 | 4 | 8; // MS_NOSUID, MS_NODEV, MS_NOEXEC
  private static final String ROOT_ONLY = "mode=0700";

  private BpfFileSystem() {}

  /** Whether the directory lies in one. */
  public static boolean holds(Path directory) throws IOException {
    Path real = directory.toRealPath();
    return Mounts.list().stream()
        .filter(mount -> real.startsWith(mount.target()))
        // A later mount hides the one before it.
        .reduce((a, b) -> b.target().getNameCount() >= a.target().getNameCount() ? b : a)
        .filter(mount -> mount.fileSystem().equals(TYPE))
        .isPresent();
  }

  /** Whether the directory is where one is mounted. */
  public static boolean isMountedOn(Path directory) throws IOException {
    return Mounts.list().stream()
        .anyMatch(mount -> mount.target().equals(directory) && mount.fileSystem().equals(TYPE));
  }

  /** Mounts a new one there, for root alone. {@link Mounts#detach} undoes it. */
  public static void mount(Path directory) throws SyscallException {
    try {
      LibC.mount(TYPE, directory.toString(), TYPE, FLAGS, ROOT_ONLY);
    } catch (LastErrorException e) {
      throw new SyscallException("mount", "a BPF file system on " + directory, e.getErrorCode());
    }
  }

  /** Removes what is pinned right in a directory: programs that nobody else has open end. */
  public static void clear(Path directory) throws IOException {
    List<Path> pins;
    try (Stream<Path> entries = Files.list(directory)) {
      // The kernel's own files, which stay, have a dot in their names, and pins can't have one.
      pins = entries.filter(pin -> !pin.getFileName().toString().contains(".")).toList();
    }
    for (Path pin : pins) {
      Files.deleteIfExists(pin);
    }
  }
}
