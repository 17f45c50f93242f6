package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the GitLab front is tested with behaves as it should, tried with a driver that does nothing.
 */
@Timeout(120)
final class GitLabBedTest {
  private static final String SLEEP = "echo up; sleep 1000; echo not reached";

  private final Path directory;
  private final GitLabRunner runner;
  private final GitLabCoordinator gitlab;

  GitLabBedTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.runner = GitLabRunner.install(directory, GitLabRunner.Build.QUICK);
    this.gitlab = GitLabCoordinator.start(Files.createDirectory(directory.resolve("git")));
    Path hook = directory.resolve("hook");
    Files.copy(EgressWorld.resource("/gitlab/hook"), hook);
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void stop() {
    gitlab.close();
    assertThat(gitlab.violations()).isEmpty();
  }

  private Path config() throws IOException {
    return config("");
  }

  /**
   * A runner's configuration.
   *
   * @param more lines of {@code [[runners]]}
   */
  private Path config(String more) throws IOException {
    Path config = directory.resolve("config.toml");
    StringBuilder text =
        new StringBuilder(
                "concurrent = 2\ncheck_interval = 1\nshutdown_timeout = 20\n[[runners]]\n")
            .append("name = \"bed\"\nurl = \"%s\"\n".formatted(gitlab.url()))
            .append("token = \"%s\"\n".formatted(GitLabCoordinator.RUNNER_TOKEN))
            .append("executor = \"custom\"\nshell = \"bash\"\n")
            .append(more)
            .append("[runners.custom]\ngraceful_kill_timeout = 1\nforce_kill_timeout = 10\n");
    for (String call : List.of("config", "prepare", "run", "cleanup")) {
      text.append("%s_exec = \"%s\"\n".formatted(call, directory.resolve("hook")))
          .append("%s_args = [\"%s\"]\n".formatted(call, call));
    }
    Files.writeString(config, text);
    Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-------"));
    return config;
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(directory.resolve("calls"));
  }

  /** Runs a job to its end. */
  private OfferedJob run(GitLabJob job) throws IOException, InterruptedException {
    try (GitLabRunner.Running running = runner.run(config())) {
      OfferedJob offered = gitlab.offer(job);
      offered.awaitOutcome();
      running.signal("QUIT");
      assertThat(running.await().exitCode()).isZero();
      return offered;
    }
  }

  @Test
  void runsAJobsStagesInTheirOrder() throws IOException, InterruptedException {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .script("echo \"it's $WORD\"", "test \"$(cat \"$NOTE\")\" = \"two$\"")
                .afterScript("echo after $CI_JOB_STATUS")
                .variable("WORD", "löud\n$HOME\\")
                .file("NOTE", "two$"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace())
        .contains("prepared with yes for " + job.id() + " in " + directory.resolve("builds"))
        .contains("it's löud\n$HOME\\\n")
        .contains("after success\n");
    assertThat(calls())
        .containsExactly(
            "config",
            "prepare",
            "run prepare_script",
            "run get_sources",
            "run build_script",
            "run after_script",
            "run cleanup_file_variables",
            "cleanup");
    assertThat(Files.readAllLines(directory.resolve("seen")))
        .allSatisfy(
            line -> {
              List<String> seen = List.of(line.split(" "));
              assertThat(seen.get(2)).isEqualTo(seen.get(3)).contains("/custom-executor");
              assertThat(seen.get(4)).isEqualTo("600");
              assertThat(seen.get(5)).isEqualTo(seen.get(2) + "/build_exit_code");
              assertThat(Path.of(seen.get(2))).doesNotExist();
            });
  }

  @Test
  void tellsTheScriptsExitCode() throws IOException, InterruptedException {
    OfferedJob job = run(GitLabJob.named("unit").script("exit 7").afterScript("echo after"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(7));
    assertThat(job.trace()).contains("after\n");
  }

  @Test
  void tellsTheExitCodeOfACommandWhereItIsAskedTo() throws IOException, InterruptedException {
    GitLabJob job = GitLabJob.named("unit").script("(exit 7)");
    assertThat(run(job).awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));

    job.variable("FF_USE_NEW_BASH_EVAL_STRATEGY", "true");
    assertThat(run(job).awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(7));
  }

  @Test
  void doesWithoutExitCodesAsOldOnesDo() throws IOException, InterruptedException {
    GitLabRunner.install(directory, GitLabRunner.Build.QUICK.withVersion("14.8.0"));
    OfferedJob job = run(GitLabJob.named("unit").script("exit 7"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));
    assertThat(Files.readAllLines(directory.resolve("seen")))
        .allMatch(line -> line.endsWith(" none"));
  }

  @Test
  void preparesOnceWhereThatFailsForTheJobsFault() throws IOException, InterruptedException {
    Files.writeString(directory.resolve("exit-prepare"), "1\n");

    OfferedJob job = run(GitLabJob.named("unit").script("true"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));
    assertThat(calls()).containsExactly("config", "prepare", "cleanup");
  }

  @Test
  void preparesThreeTimesEachInAPlaceOfItsOwn() throws IOException, InterruptedException {
    Files.writeString(directory.resolve("exit-prepare"), "2\n2\n2\n");

    OfferedJob job = run(GitLabJob.named("unit").script("true"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.failed("runner_system_failure"));
    assertThat(calls())
        .containsExactly(
            "config", "prepare", "cleanup", "config", "prepare", "cleanup", "config", "prepare",
            "cleanup");
    assertThat(
            Files.readAllLines(directory.resolve("seen")).stream()
                .map(line -> line.split(" ")[2])
                .distinct())
        .hasSize(3);
  }

  @Test
  void runsAfterAPreparationThatFailedForTheMoment() throws IOException, InterruptedException {
    Files.writeString(directory.resolve("exit-prepare"), "2\n3\n");

    assertThat(run(GitLabJob.named("unit").script("true")).awaitOutcome())
        .isEqualTo(OfferedJob.Outcome.SUCCESS);
  }

  @Test
  void fetchesAgainInAClearedTree() throws IOException, InterruptedException {
    Files.writeString(directory.resolve("exit-run"), "\n1\n");

    OfferedJob job =
        run(GitLabJob.named("unit").variable("GET_SOURCES_ATTEMPTS", "2").script("true"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(calls())
        .containsSubsequence("run get_sources", "run clear_worktree", "run get_sources");
  }

  @Test
  void endsOnlyTheUsersScriptWhereTheJobIsCanceling() throws IOException, InterruptedException {
    try (GitLabRunner.Running running = runner.run(config())) {
      OfferedJob job =
          gitlab.offer(
              GitLabJob.named("unit").script(SLEEP).afterScript("echo after $CI_JOB_STATUS"));
      job.awaitTrace("up\n");
      job.canceling();

      assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.failed("job_canceled"));
      assertThat(job.state()).isEqualTo("canceled");
      assertThat(job.trace()).contains("after canceled\n").doesNotContain("not reached\n");
      assertThat(calls()).endsWith("run after_script", "run cleanup_file_variables", "cleanup");
      running.signal("QUIT");
      assertThat(running.await().exitCode()).isZero();
    }
  }

  @Test
  void goesStraightToTheCleanupWhereTheJobIsCanceled() throws IOException, InterruptedException {
    try (GitLabRunner.Running running = runner.run(config())) {
      OfferedJob job = gitlab.offer(GitLabJob.named("unit").script(SLEEP).afterScript("true"));
      job.awaitTrace("up\n");
      job.canceled();
      job.awaitAbandoned();
      running.signal("QUIT");

      assertThat(running.await().exitCode()).isZero();
      assertThat(calls()).endsWith("run build_script", "cleanup");
    }
  }

  @Test
  void killsADriverThatDoesNotEnd() throws IOException, InterruptedException {
    Files.createFile(directory.resolve("stubborn"));
    try (GitLabRunner.Running running = runner.run(config())) {
      OfferedJob job = gitlab.offer(GitLabJob.named("unit").script(SLEEP));
      job.awaitTrace("up\n");
      job.canceling();

      assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.failed("job_canceled"));
      running.signal("QUIT");
      assertThat(running.await().stderr()).contains("SIGKILL");
    }
  }

  @Test
  void endsAJobThatTakesTooLong() throws IOException, InterruptedException {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .timeout(Duration.ofSeconds(2))
                .script(SLEEP)
                .afterScript("true"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.failed("job_execution_timeout"));
    assertThat(calls()).endsWith("run build_script", "cleanup");
  }

  @Test
  void endsAScriptThatTakesTooLongBeforeAfterScript() throws IOException, InterruptedException {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .variable("RUNNER_SCRIPT_TIMEOUT", "1s")
                .script(SLEEP)
                .afterScript("true"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.failed("job_execution_timeout"));
    assertThat(calls()).contains("run after_script");
  }

  @Test
  void carriesALongLogInPartsThatTheServerMayAskForAgain()
      throws IOException, InterruptedException {
    try (GitLabRunner.Running _ = runner.run(config("output_limit = 65536\n"))) {
      GitLabJob log = GitLabJob.named("unit").script("seq -f %015.0f 1250000");
      OfferedJob job = gitlab.offer(log);
      job.loseTraceOnce();
      job.answerEndWith(202, 412);

      assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
      assertThat(job.trace().lines().filter(line -> line.matches("\\d{15}")).distinct().count())
          .isEqualTo(1_250_000);
    }
  }

  @Test
  void cutsALogThatIsTooLong() throws IOException, InterruptedException {
    OfferedJob job = run(GitLabJob.named("unit").script("head -c 5000000 /dev/zero"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.traceBytes()).hasSizeBetween(4 << 20, (4 << 20) + 100);
  }

  @Test
  void masksWhatIsToBeMasked() throws IOException, InterruptedException {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .masked("SECRET", "s3cr3tvalue")
                .script("printf s3cr3; printf '%s\\n' tvalue; printf s3cr3"));

    assertThat(job.trace()).contains("[MASKED]\n").doesNotContain("s3cr3tvalue");
  }

  @Test
  void drainsBeforeItEnds() throws IOException, InterruptedException {
    Path go = directory.resolve("go");
    try (GitLabRunner.Running running = runner.run(config("limit = 1\n"))) {
      OfferedJob job =
          gitlab.offer(
              GitLabJob.named("unit")
                  .script("echo up; until [ -e " + go + " ]; do sleep 0.1; done"));
      OfferedJob second = gitlab.offer(GitLabJob.named("unit").script("true"));
      job.awaitTrace("up\n");
      running.signal("QUIT");
      assertThat(job.state()).isEqualTo("running");
      Files.createFile(go);

      assertThat(running.await().exitCode()).isZero();
      assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
      assertThat(second.state()).isEqualTo("pending");
    }
  }

  @Test
  void abortsItsJobsWhenItIsTerminated() throws IOException, InterruptedException {
    try (GitLabRunner.Running running = runner.run(config())) {
      OfferedJob job = gitlab.offer(GitLabJob.named("unit").script(SLEEP).afterScript("true"));
      job.awaitTrace("up\n");
      running.signal("TERM");

      assertThat(running.await().exitCode()).isZero();
      assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.failed("runner_interrupted"));
      assertThat(calls()).endsWith("run build_script", "cleanup");
    }
  }

  @Test
  void endsAtOnceWithTheSecondSignal() throws IOException, InterruptedException {
    Files.createFile(directory.resolve("stubborn"));
    try (GitLabRunner.Running running = runner.run(config())) {
      OfferedJob job = gitlab.offer(GitLabJob.named("unit").script("echo $$; " + SLEEP));
      job.awaitTrace("up\n");
      // Two that come together count as one.
      while (running.isAlive()) {
        running.signal("TERM");
      }

      Mayfly.Result result = running.await();
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.stderr()).contains("second signal");
      assertThat(calls()).endsWith("run build_script");
      endOrphan(job);
    }
  }

  /** Its script has written its pid, and is its group's member. */
  private static void endOrphan(OfferedJob job) throws IOException, InterruptedException {
    String pid = job.trace().lines().filter(line -> line.matches("\\d+")).findFirst().orElseThrow();
    Process ps = new ProcessBuilder("ps", "-o", "pgid=", "-p", pid).start();
    String group = new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    new ProcessBuilder("kill", "-KILL", "--", "-" + group).start().waitFor();
  }

  @Test
  void fetchesSourcesWithTheJobsToken() throws IOException, InterruptedException {
    String sha = GitBackend.makeRepository(directory.resolve("git/group/project.git"));

    OfferedJob job =
        run(GitLabJob.named("unit").sources(sha).script("cat hello; git log --oneline"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace()).contains("hello there\n").contains(sha.substring(0, 7) + " first\n");
  }

  @Test
  void passesArtifactsAndCachesOn() throws IOException, InterruptedException {
    try (GitLabRunner.Running _ = runner.run(config())) {
      OfferedJob first =
          gitlab.offer(
              GitLabJob.named("build")
                  .script("mkdir -p out kept", "echo made >out/file", "echo known >kept/file")
                  .artifacts("out/")
                  .cache("deps", "kept/"));
      assertThat(first.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);

      OfferedJob second =
          gitlab.offer(
              GitLabJob.named("test")
                  .dependsOn(first)
                  .cache("deps", "kept/")
                  .script("cat out/file kept/file"));

      assertThat(second.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
      assertThat(second.trace()).contains("made\nknown\n");
    }
  }

  @Test
  void asksAgainWhereGitLabIsNotThere() throws IOException, InterruptedException {
    gitlab.answerRequestsWith(503, 204);

    assertThat(run(GitLabJob.named("unit").script("true")).awaitOutcome())
        .isEqualTo(OfferedJob.Outcome.SUCCESS);
  }

  @Test
  void drivesAJobWithoutGitLab() throws IOException, InterruptedException {
    try (GitLabRunner.Driven driven =
        runner.drive(config(), GitLabJob.named("unit").script("exit 5"), directory)) {
      assertThat(driven.outcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(5));
    }
  }

  @Test
  void refusesAConfigurationThatOthersCanRead() throws IOException, InterruptedException {
    Path config = config();
    Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r--r--"));

    try (GitLabRunner.Running running = runner.run(config)) {
      assertThat(running.await().stderr()).contains("mode 644");
    }
  }

  @Test
  void seesWhatIsAgainstTheContract() throws IOException, InterruptedException {
    try (GitLabCoordinator strict = GitLabCoordinator.start(directory.resolve("git"))) {
      OfferedJob job = strict.offer(GitLabJob.named("unit").script("true"));
      URI uri = strict.url().resolve("/api/v4/jobs/" + job.id() + "/trace");
      HttpRequest request =
          HttpRequest.newBuilder(uri)
              .header("JOB-TOKEN", "another")
              .method(
                  "PATCH", HttpRequest.BodyPublishers.ofInputStream(InputStream::nullInputStream))
              .build();
      try (HttpClient client = HttpClient.newHttpClient()) {
        assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
            .isEqualTo(403);
      }

      assertThat(strict.violations())
          .anyMatch(text -> text.contains("token"))
          .anyMatch(text -> text.contains("X-Request-Id"));
    }
  }
}
