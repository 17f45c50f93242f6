package dev.mayfly.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system of the host's without room for a byte, until this is closed. */
record FullDisk(Path directory) implements AutoCloseable {
  static FullDisk mount(Path directory) throws IOException {
    Files.createDirectory(directory);
    run("mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "full", directory.toString());
    FullDisk disk = new FullDisk(directory);
    disk.fill();
    return disk;
  }

  private void fill() {
    byte[] page = new byte[4096];
    try (OutputStream file = Files.newOutputStream(directory.resolve("filling"))) {
      while (true) {
        file.write(page);
      }
    } catch (IOException e) {
      return; // No space left on device, which is what this is for.
    }
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.onExit().join().exitValue() != 0) {
      throw new AssertionError(String.join(" ", command) + ": " + said);
    }
  }

  @Override
  public void close() throws IOException {
    run("umount", directory.toString());
  }
}
