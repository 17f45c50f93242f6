package dev.mayfly.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a supervisor makes its sandboxes, so that another knows what of them it can see. Both paths
 * are real ones: two names of one place are one scope.
 *
 * @param engine the engine's socket
 * @param sandboxes directory of the host below which each sandbox has its own
 */
public record Scope(Path engine, Path sandboxes) {
  private static final String FILE = "scope";

  /** Paths hold any character but this one. */
  private static final String SEPARATOR = "\0";

  void write(Path claim) throws IOException {
    Files.writeString(claim.resolve(FILE), engine + SEPARATOR + sandboxes);
  }

  /**
   * What a supervisor said of itself.
   *
   * @return empty where it had not begun, or is done: then it has no sandbox
   */
  public static Optional<Scope> read(Path claim) throws IOException {
    try {
      String[] paths = Files.readString(claim.resolve(FILE)).split(SEPARATOR, -1);
      return paths.length == 2
          ? Optional.of(new Scope(Path.of(paths[0]), Path.of(paths[1])))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static void remove(Path claim) throws IOException {
    Files.deleteIfExists(claim.resolve(FILE));
  }
}
