package dev.mayfly.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * One way from a container to the test world: a shell in it that runs {@code load} once for each
 * line that it is given, and prints what that measured.
 */
final class LoadWay implements AutoCloseable {
  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter orders;

  private LoadWay(String name, Process process) {
    this.name = name;
    this.process = process;
    this.answers = process.inputReader();
    this.orders = process.outputWriter();
  }

  /**
   * Starts it.
   *
   * @param command that ends in a shell which obeys its standard input
   */
  static LoadWay start(String name, List<String> command) throws IOException {
    LoadWay way =
        new LoadWay(
            name,
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    way.expect("ready");
    return way;
  }

  String name() {
    return name;
  }

  /**
   * Measures once.
   *
   * @param what {@code stream}, {@code connect} or {@code exchange}
   * @return bytes or connections in a second
   */
  double measure(String what, String address, double seconds) throws IOException {
    orders.write("%s %s 443 %s\n".formatted(what, address, seconds));
    orders.flush();
    String[] numbers = answer().split(" ", -1);
    return Double.parseDouble(numbers[0]) / (Double.parseDouble(numbers[1]) / 1e9);
  }

  /** Processor time of the program that was started, until now. */
  Duration processorTime() throws IOException {
    return process
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new IOException("the processor time of " + name + " can't be read"));
  }

  private void expect(String line) throws IOException {
    String said = answer();
    if (!said.equals(line)) {
      throw new IOException("%s said \"%s\" and not \"%s\"".formatted(name, said, line));
    }
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException(name + " has ended");
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(name + " exited with " + process.exitValue());
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
