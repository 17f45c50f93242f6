package dev.mayfly.runner.gitlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;

/**
 * A file of the operator's with a secret.
 *
 * @param key that names it in the configuration
 * @param runner whose it is
 * @param holds what is in it, for messages
 */
record SecretFile(String key, Path path, String runner, String holds) {

  /**
   * Its text.
   *
   * @throws IOException with cause and remedy
   */
  String read() throws IOException {
    try {
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new IOException(key + " " + path + " of runner " + runner + " does not exist", e);
    } catch (IOException e) {
      throw new IOException(
          key
              + " "
              + path
              + " of runner "
              + runner
              + " can't be read as text ("
              + e.getMessage()
              + "): name the file that holds "
              + holds,
          e);
    }
  }

  /**
   * Refuses one that others than its owner may do anything with.
   *
   * @throws IOException with cause and remedy
   */
  void requireClosed() throws IOException {
    Set<PosixFilePermission> open = new HashSet<>(Files.getPosixFilePermissions(path));
    open.removeAll(PosixFilePermissions.fromString("rwx------"));
    if (!open.isEmpty()) {
      throw new IOException(
          key + " " + path + " can be read by others than its owner: chmod 600 " + path);
    }
  }

  /**
   * Refuses one of another user than this process's own.
   *
   * @throws IOException with cause and remedy
   */
  void requireOwn() throws IOException {
    String owner = Files.getOwner(path).getName();
    String own = Files.getOwner(Path.of("/proc/self")).getName();
    if (!owner.equals(own)) {
      throw new IOException(
          key + " " + path + " belongs to " + owner + ": chown " + own + " " + path);
    }
  }
}
