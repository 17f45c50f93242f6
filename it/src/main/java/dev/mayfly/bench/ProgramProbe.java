package dev.mayfly.bench;

import java.io.IOException;
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
    Programs.run(new ProcessBuilder(command), output);
    return output.sample(expected);
  }
}
