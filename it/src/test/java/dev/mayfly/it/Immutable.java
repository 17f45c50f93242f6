package dev.mayfly.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file or directory that not even root can change, until this is closed (chattr(1), +i). */
record Immutable(Path file) implements AutoCloseable {
  static Immutable make(Path file) throws IOException {
    change("+i", file);
    return new Immutable(file);
  }

  private static void change(String attribute, Path file) throws IOException {
    Process chattr =
        new ProcessBuilder("chattr", attribute, file.toString()).redirectErrorStream(true).start();
    String said = new String(chattr.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (chattr.onExit().join().exitValue() != 0) {
      throw new AssertionError("this file system has no immutable files: " + said);
    }
  }

  @Override
  public void close() throws IOException {
    change("-i", file);
  }
}
