package dev.mayfly.it;

import dev.mayfly.report.Report;
import dev.mayfly.report.Reports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The mayfly command with a configuration of a test's own, in a directory of the test's own. */
final class Mayfly {
  static final Duration LIMIT = Duration.ofMinutes(5);

  /** Whatever a job asks for by name stays on this machine: nobody listens there. */
  static final String NO_NAMES = "network: {dns-servers: ['127.0.0.1:1']}\n";

  private final Path directory;
  private final Path config;
  private final Path launcher;

  private Mayfly(Path directory, Path config, Path launcher) {
    this.directory = directory;
    this.config = config;
    this.launcher = launcher;
  }

  /**
   * Mayfly on an engine.
   *
   * @param policies further YAML, from {@code policies:} on; may be empty
   */
  static Mayfly on(TestEngine engine, Path directory, String policies) {
    try {
      Path config = directory.resolve("mayfly.yaml");
      Files.writeString(
          config,
          "engine: %s\nstate-dir: %s\nreport-dir: %s\n%s%s"
              .formatted(
                  engine.yaml(),
                  directory.resolve("state"),
                  directory.resolve("reports"),
                  policies,
                  policies.contains("network:") ? "" : NO_NAMES));
      return new Mayfly(directory, config, Site.launcher());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Mayfly on the private engine with its default policy. */
  static Mayfly onPrivateEngine(Path directory) {
    return onPrivateEngine(directory, "");
  }

  static Mayfly onPrivateEngine(Path directory, String policies) {
    return on(TestEngine.PRIVATE, directory, policies);
  }

  /** The same with the launcher of another installation. */
  Mayfly installedAs(Path other) {
    return new Mayfly(directory, config, other);
  }

  Path directory() {
    return directory;
  }

  Path config() {
    return config;
  }

  Path reports() {
    return directory.resolve("reports");
  }

  /** What came of a run. */
  record Result(int exitCode, byte[] stdoutBytes, String stderr) {
    String stdout() {
      return new String(stdoutBytes, StandardCharsets.UTF_8);
    }
  }

  /** {@code mayfly exec --config … -- command…} with an empty standard input. */
  Result exec(String... command) {
    return execWith(List.of(), command);
  }

  /** {@code mayfly exec --config … options… -- command…} with an empty standard input. */
  Result execWith(List<String> options, String... command) {
    return run(InputStream.nullInputStream(), execLine(options, command));
  }

  /** Arguments for {@code mayfly exec}. */
  List<String> execLine(List<String> options, String... command) {
    List<String> arguments = new ArrayList<>(List.of("exec", "--config", config.toString()));
    arguments.addAll(options);
    arguments.add("--");
    arguments.addAll(Arrays.asList(command));
    return arguments;
  }

  /** {@code mayfly sweep --config …}. */
  Result sweep() {
    return run(InputStream.nullInputStream(), List.of("sweep", "--config", config.toString()));
  }

  /** Any mayfly command line. */
  Result run(InputStream stdin, List<String> arguments) {
    try {
      Process process = start(arguments);
      CompletableFuture<byte[]> stdout = collect(process.getInputStream());
      CompletableFuture<byte[]> stderr = collect(process.getErrorStream());
      try (var target = process.getOutputStream()) {
        stdin.transferTo(target);
      } catch (IOException e) {
        stdin.close(); // The command did not want all of it.
      }
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", arguments) + " did not end within " + LIMIT);
      }
      return new Result(
          process.exitValue(), stdout.join(), new String(stderr.join(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** {@code mayfly exec --config … -- command…}, still running. */
  RunningExec startExec(String... command) throws IOException {
    return new RunningExec(start(execLine(List.of(), command)));
  }

  /** The report that was written last. */
  Report lastReport() {
    try {
      Reports all = new Reports(reports());
      return Reports.parse(all.json(all.last().orElseThrow()).orElseThrow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts a mayfly command line and leaves it running. Signals that whoever started the tests
   * ignores, as shells have SIGINT for what they start in the background, are not ignored by it.
   */
  Process start(List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
    line.add(launcher.toString());
    line.addAll(arguments);
    return new ProcessBuilder(line).start();
  }

  /**
   * Reads to the end on a thread of its own. Not a virtual one: reading a pipe keeps its carrier,
   * and a few jobs that wait would keep all of them.
   */
  static CompletableFuture<byte[]> collect(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> readAll(stream), task -> Thread.ofPlatform().daemon().start(task));
  }

  private static byte[] readAll(InputStream stream) {
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      stream.transferTo(all);
      return all.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
