package dev.mayfly.supervisor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A command to run in a job's sandbox.
 *
 * @param arguments with the program first, as bytes
 * @param environment {@code NAME=VALUE}, over the image's own, as bytes
 * @param workspace directory of the host to copy in first
 * @param terminal empty: pipes
 */
public record CommandRequest(
    List<byte[]> arguments,
    List<byte[]> environment,
    Optional<Path> workspace,
    Optional<TerminalSize> terminal) {
  public CommandRequest {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
  }

  /** A command with pipes, in the sandbox as it is. */
  public CommandRequest(List<byte[]> arguments, List<byte[]> environment) {
    this(arguments, environment, Optional.empty(), Optional.empty());
  }

  /** Of a terminal, in characters. */
  public record TerminalSize(int rows, int columns) {}
}
