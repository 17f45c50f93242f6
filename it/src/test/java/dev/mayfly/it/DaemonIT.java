package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mayfly exec} asks a supervisor that runs. */
final class DaemonIT {
  private final Path directory;
  private final Path socket;
  private final Mayfly mayfly;
  private Process daemon;
  private BufferedReader log;

  DaemonIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.socket = directory.resolve("mayfly.sock");
    this.mayfly = Mayfly.onPrivateEngine(directory);
    start();
  }

  private void start() throws IOException {
    daemon =
        mayfly.start(
            List.of("run", "--config", mayfly.config().toString(), "--socket", socket.toString()));
    log = daemon.errorReader();
    String line = log.readLine();
    while (line != null && !line.contains("listening")) {
      line = log.readLine();
    }
    assertThat(line).isEqualTo("mayfly: listening on " + socket);
  }

  @AfterEach
  void leavesNothing() throws InterruptedException {
    daemon.destroy();
    assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).isIn(0, 137);
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private List<String> exec(String... command) {
    List<String> arguments = new ArrayList<>(List.of("exec", "--socket", socket.toString(), "--"));
    arguments.addAll(List.of(command));
    return arguments;
  }

  private Mayfly.Result run(String... command) {
    return mayfly.run(InputStream.nullInputStream(), exec(command));
  }

  @Test
  void runsWhatItIsAskedForAndReports() throws IOException {
    byte[] input = "three\n".getBytes(StandardCharsets.UTF_8);

    Mayfly.Result result =
        mayfly.run(
            new ByteArrayInputStream(input),
            exec("sh", "-c", "echo one; echo two >&2; cat; exit 4"));

    assertThat(result.stdout()).isEqualTo("one\nthree\n");
    assertThat(result.stderr()).isEqualTo("two\n");
    assertThat(result.exitCode()).isEqualTo(4);
    try (var reports = Files.list(mayfly.reports())) {
      assertThat(reports).hasSize(1);
    }
  }

  @Test
  void runsSeveralJobsAtOnceEachInItsOwnSandbox() {
    List<CompletableFuture<Mayfly.Result>> jobs =
        IntStream.range(0, 6)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> run("sh", "-c", "echo " + i + " > mine; sleep 1; cat *; exit " + i)))
            .toList();

    for (int i = 0; i < jobs.size(); i++) {
      Mayfly.Result result = jobs.get(i).join();
      assertThat(result.stdout()).isEqualTo(i + "\n");
      assertThat(result.exitCode()).isEqualTo(i);
    }
  }

  @Test
  void passesSignalsOn() throws IOException, InterruptedException {
    Process job =
        mayfly.start(
            exec(
                "sh",
                "-c",
                "trap 'echo caught; exit 9' TERM; echo up; while :; do sleep 0.1; done"));
    BufferedReader output = job.inputReader();
    assertThat(output.readLine()).isEqualTo("up");

    job.toHandle().destroy();

    assertThat(output.readLine()).isEqualTo("caught");
    assertThat(job.waitFor()).isEqualTo(9);
  }

  @Test
  void endsTheJobOfAClientThatIsKilled() throws IOException, InterruptedException {
    Process job = mayfly.start(exec("sh", "-c", "echo up; sleep 1000"));
    assertThat(job.inputReader().readLine()).isEqualTo("up");

    job.destroyForcibly().waitFor();
    daemon.destroy();

    assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).isZero();
  }

  @Test
  void endsAndDestroysJobsWhenItIsStopped() throws IOException, InterruptedException {
    Process job = mayfly.start(exec("sh", "-c", "echo up; sleep 1000"));
    assertThat(job.inputReader().readLine()).isEqualTo("up");

    daemon.destroy();

    assertThat(job.waitFor()).isEqualTo(143);
    assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(socket).doesNotExist();
  }

  @Test
  void isFollowedByOneThatDestroysWhatItLeftWhenItIsKilled()
      throws IOException, InterruptedException {
    Process job = mayfly.start(exec("sh", "-c", "echo up; sleep 1000"));
    assertThat(job.inputReader().readLine()).isEqualTo("up");

    daemon.destroyForcibly().waitFor();

    assertThat(job.waitFor()).isEqualTo(125);
    assertThat(job.errorReader().readLine()).contains("the supervisor ended while the job ran");
    start();
    assertThat(run("true").exitCode()).isZero();
  }

  @Test
  void refusesARequestOfAnUnknownPolicyInOneLine() {
    Mayfly.Result result =
        mayfly.run(
            InputStream.nullInputStream(),
            List.of("exec", "--socket", socket.toString(), "--policy", "none", "--", "true"));

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stderr().lines()).hasSize(1).allMatch(line -> line.contains("--policy"));
  }

  @Test
  void isMissedInOneLineWhereNoneListens() {
    Mayfly.Result result =
        mayfly.run(
            InputStream.nullInputStream(),
            List.of("exec", "--socket", directory.resolve("none").toString(), "--", "true"));

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stderr().lines())
        .hasSize(1)
        .allMatch(line -> line.contains("start one with mayfly run"));
  }
}
