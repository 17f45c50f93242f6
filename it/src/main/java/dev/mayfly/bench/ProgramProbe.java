package dev.mayfly.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A program, from its start to its end.
 *
 * @param expected what its output begins with
 */
record ProgramProbe(List<String> command, String expected) implements Probe {
  ProgramProbe {
    command = List.copyOf(command);
  }

  @Override
  public Sample take() throws IOException, InterruptedException {
    Output output = new Output();
    Process process = new ProcessBuilder(command).start();
    process.getOutputStream().close();
    try (InputStream stdout = process.getInputStream()) {
      stdout.transferTo(output);
    }
    int code = process.waitFor();
    if (code != 0) {
      String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      throw new IOException(command + " exited with " + code + ": " + said.strip());
    }
    return output.sample(expected);
  }
}
