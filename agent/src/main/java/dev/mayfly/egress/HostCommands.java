package dev.mayfly.egress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The host's own programs for its firewall. */
interface HostCommands {
  /** A program that runs longer is ended. */
  int MOST_SECONDS = 30;

  /**
   * What a program ended with.
   *
   * @param output standard output and error
   */
  record Result(int status, String output) {
    boolean done() {
      return status == 0;
    }
  }

  /** Empty where the host has no such program. */
  Optional<Result> run(String program, List<String> arguments) throws IOException;

  /** Those of the host. */
  static HostCommands ofHost() {
    return HostCommands::run0;
  }

  private static Optional<Result> run0(String program, List<String> arguments) throws IOException {
    for (String directory : List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin")) {
      Path file = Path.of(directory, program);
      if (Files.isExecutable(file)) {
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(arguments);
        return Optional.of(wait(command));
      }
    }
    return Optional.empty();
  }

  private static Result wait(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    CompletableFuture<Process> late =
        process
            .onExit()
            .orTimeout(MOST_SECONDS, TimeUnit.SECONDS)
            .exceptionally(_ -> process.destroyForcibly());
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      late.join();
      return new Result(process.waitFor(), output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while running " + command, e);
    }
  }
}
