package dev.mayfly.supervisor;

import dev.mayfly.job.Job;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One command of a job to run in a sandbox of its own.
 *
 * @param image instead of the policy's
 * @param arguments with the program first, as bytes
 * @param environment {@code NAME=VALUE}, over the image's own, as bytes
 * @param workspace directory of the host to copy in
 * @param keepWorkspace existing directory of the host to copy the workspace out to
 * @param record file of the host to write down what the sandbox is seen to do
 * @param terminal empty: pipes
 */
public record JobRequest(
    Job job,
    Policy policy,
    Optional<ImageReference> image,
    List<byte[]> arguments,
    List<byte[]> environment,
    Optional<Path> workspace,
    Optional<Path> keepWorkspace,
    Optional<Path> record,
    Optional<TerminalSize> terminal) {
  public JobRequest {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
  }

  /** Of a terminal, in characters. */
  public record TerminalSize(int rows, int columns) {}
}
