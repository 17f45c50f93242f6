package dev.mayfly.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The stand-in for gitlab-runner: one executable file, for whoever wants to start {@code
 * gitlab-runner run} or the commands that scripts call, and for jobs without a coordinator.
 */
final class GitLabRunner {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What a real one has built in.
   *
   * @param version 14 does without the exit code's file
   * @param retry between two preparations
   * @param finish how long stages of a job that was ended are waited for before its cleanup
   * @param update between two parts of the log
   * @param touch after which time without log the state is sent
   */
  record Build(String version, Duration retry, Duration finish, Duration update, Duration touch) {
    /** A real one's times. */
    static final Build REAL =
        new Build(
            "19.4.0",
            Duration.ofSeconds(3),
            Duration.ofMinutes(5),
            Duration.ofSeconds(3),
            Duration.ofSeconds(30));

    /** For tests that would wait else. */
    static final Build QUICK =
        new Build(
            "19.4.0",
            Duration.ofMillis(10),
            Duration.ofSeconds(30),
            Duration.ofMillis(50),
            Duration.ofMillis(200));

    Build withVersion(String other) {
      return new Build(other, retry, finish, update, touch);
    }

    private String source() {
      return """
      VERSION = '%s'
      RETRY_SECONDS = %s
      FINISH_SECONDS = %s
      UPDATE_SECONDS = %s
      TOUCH_SECONDS = %s
      """
          .formatted(version, seconds(retry), seconds(finish), seconds(update), seconds(touch));
    }

    private static double seconds(Duration time) {
      return time.toMillis() / 1000.0;
    }
  }

  private final Path directory;

  private GitLabRunner(Path directory) {
    this.directory = directory;
  }

  /** Makes {@code gitlab-runner} in a directory. */
  static GitLabRunner install(Path directory, Build build) {
    Path file = directory.resolve("gitlab-runner");
    try (Stream<Path> sources = Files.list(EgressWorld.resource("/gitlab"));
        OutputStream out = Files.newOutputStream(file)) {
      out.write("#!/usr/bin/python3 -IB\n".getBytes(UTF_8));
      ZipOutputStream zip = new ZipOutputStream(out);
      for (Path source : sources.filter(path -> path.toString().endsWith(".py")).toList()) {
        String name = source.getFileName().toString();
        zip.putNextEntry(new ZipEntry(name));
        zip.write(
            name.equals("installed.py")
                ? build.source().getBytes(UTF_8)
                : Files.readAllBytes(source));
      }
      zip.finish();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      return new GitLabRunner(directory);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** For {@code binary:} in Mayfly's configuration. */
  Path file() {
    return directory.resolve("gitlab-runner");
  }

  /** {@code gitlab-runner run}. */
  Running run(Path config) throws IOException {
    return start(List.of("run", "--config", config.toString()));
  }

  private Running start(List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(file().toString()));
    line.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("TMPDIR", directory.toString());
    return new Running(builder.start());
  }

  /** One that runs. Closing it kills it. */
  static final class Running implements AutoCloseable {
    private final Process process;
    private final CompletableFuture<byte[]> stdout;
    private final CompletableFuture<byte[]> stderr;

    private Running(Process process) {
      this.process = process;
      this.stdout = Mayfly.collect(process.getInputStream());
      this.stderr = Mayfly.collect(process.getErrorStream());
    }

    long pid() {
      return process.pid();
    }

    boolean isAlive() {
      return process.isAlive();
    }

    /**
     * Signals it.
     *
     * @param name as kill(1) takes it, such as QUIT
     */
    void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    }

    /** Waits for its end. */
    Mayfly.Result await() throws InterruptedException {
      if (!process.waitFor(Mayfly.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("gitlab-runner did not end within " + Mayfly.LIMIT);
      }
      return new Mayfly.Result(
          process.exitValue(), stdout.join(), new String(stderr.join(), UTF_8));
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  /** A job without a coordinator, whose log is its standard output. */
  Driven drive(Path config, GitLabJob job, Path directory) throws IOException {
    Path body = Files.createTempFile(directory, "job", ".json");
    Path outcome = directory.resolve(body.getFileName() + ".outcome");
    JsonNode offered = job.offered(1, "glcbt-driven", URI.create("http://127.0.0.1:1"));
    JSON.writeValue(body.toFile(), offered);
    List<String> line =
        List.of(
            "drive",
            "--config",
            config.toString(),
            "--job",
            body.toString(),
            "--outcome",
            outcome.toString());
    return new Driven(start(line), outcome);
  }

  /**
   * A job that is driven. SIGUSR1 says canceling to it, SIGUSR2 canceled, SIGTERM that its runner
   * ends.
   */
  record Driven(Running running, Path outcomeFile) implements AutoCloseable {
    OfferedJob.Outcome outcome() throws IOException, InterruptedException {
      Mayfly.Result result = running.await();
      if (!Files.exists(outcomeFile)) {
        throw new AssertionError("the driver failed: " + result.stderr());
      }
      JsonNode said = JSON.readTree(outcomeFile.toFile());
      return new OfferedJob.Outcome(
          said.path("state").asText(),
          said.path("failure_reason").asText(""),
          said.path("exit_code").asInt());
    }

    @Override
    public void close() {
      running.close();
    }
  }
}
