package dev.mayfly.bpf;

import dev.mayfly.linux.BpfFileSystem;
import dev.mayfly.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** Directories in which supervisors pin their programs, one each. */
public final class BpfPins {
  private BpfPins() {}

  /**
   * Makes a directory that can be pinned in. Where it would lie in no BPF file system, one is
   * mounted on it.
   */
  public static void prepare(Path directory) throws IOException {
    boolean held = liesInOne(directory.toAbsolutePath());
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (!held) {
      BpfFileSystem.mount(directory);
    }
  }

  private static boolean liesInOne(Path directory) throws IOException {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        return BpfFileSystem.holds(at);
      }
    }
    return false;
  }

  /** The directories right below, each a supervisor's, alive or not. */
  public static List<Path> list(Path parent) throws IOException {
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.filter(Files::isDirectory).toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  /**
   * Removes a directory with all that is pinned in it: programs of a supervisor that is gone end.
   *
   * @return whether it was there
   */
  public static boolean remove(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    Path real = directory.toRealPath();
    BpfFileSystem.clear(real);
    if (BpfFileSystem.isMountedOn(real)) {
      Mounts.detach(real);
    }
    return Files.deleteIfExists(directory);
  }
}
