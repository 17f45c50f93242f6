package dev.mayfly.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Programs, from their start to their end. */
final class Programs {
  private Programs() {}

  /**
   * Runs one.
   *
   * @param output takes its standard output
   * @throws IOException where it fails, with what it said of that
   */
  static void run(ProcessBuilder program, OutputStream output)
      throws IOException, InterruptedException {
    Process process = program.start();
    process.getOutputStream().close();
    try (InputStream stdout = process.getInputStream()) {
      stdout.transferTo(output);
    }
    int code = process.waitFor();
    if (code != 0) {
      String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      throw new IOException(program.command() + " exited with " + code + ": " + said.strip());
    }
  }
}
