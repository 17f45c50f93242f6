package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Jobs of GitLab's, from the coordinator to the sandbox and back. */
final class GitLabIT extends GitLabJobs {
  private static final String POLICIES =
      """
      policies:
        - name: release
          match: {platform: gitlab, project: "acme/*", ref: main, protected: true}
          limits: {lifetime: 30m}
        - name: brief
          match: {job: brief}
          limits: {lifetime: 4s}
        - name: strict
          match: {job: strict}
          pull: never
        - name: stopped
          match: {job: stopped}
          on-finding: {persistence: kill}
      """;

  private static final AtomicInteger LAST = new AtomicInteger();

  GitLabIT(@TempDir Path directory) throws IOException {
    super(
        directory,
        GitLabCoordinator.start(directory),
        "it-jobs-" + LAST.incrementAndGet(),
        GitLabDaemon.More.NONE.withBeside(POLICIES).withGitLab("settings: {output_limit: 65536}"));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void runsAJobAndSaysHow() throws IOException {
    OfferedJob job =
        run(
            GitLabJob.of("acme/shop", "unit")
                .script("echo \"to $WORD\"", "id -un", "pwd", "command -v gitlab-runner")
                .afterScript("echo after $CI_JOB_STATUS")
                .variable("WORD", "löud\n$HOME\\")
                .protectedRef());

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    Report report = daemon.report(job);
    assertThat(job.trace())
        .containsPattern(
            "mayfly: sandbox "
                + report.sandbox()
                + " is ready: image mayfly-base \\(sha256:[0-9a-f]{12}\\), policy release,")
        .contains("to löud\n$HOME\\\n", "root\n", "/workspace/builds/acme/shop\n")
        .contains("/.mayfly/gitlab-runner\n", "after success\n")
        .contains(
            "mayfly: job exited with 0, no findings; report: mayfly report " + report.sandbox());
    assertThat(report.policy().name()).isEqualTo("release");
    assertThat(report.job().project()).isEqualTo("acme/shop");
    assertThat(report.job().name()).isEqualTo("unit");
    assertThat(report.job().platform()).isEqualTo("gitlab");
    assertThat(report.outcome().kind()).isEqualTo("exited");
    assertThat(report.coverage().state()).isEqualTo("proven");
    assertThat(report.teardown().verified()).isTrue();
    assertThat(report.timeline())
        .extracting(Report.SpanPart::name)
        .contains("stage prepare_script", "stage build_script", "stage after_script");
    daemon.awaitLog("job=" + job.id() + " outcome=exited exit=0");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsTheScriptsExitCodeAndRunsWhatFollows() {
    OfferedJob job = run(GitLabJob.named("unit").script("exit 7").afterScript("echo after"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(7));
    assertThat(job.trace()).contains("after\n", "mayfly: job exited with 7");
    assertThat(daemon.report(job).exitCode()).isEqualTo(7);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void takesAJobForWhatGitLabSaysAndNotForWhatItsVariablesSay() {
    OfferedJob job =
        run(
            GitLabJob.of("evil/fork", "unit")
                .script("true")
                .variable("CI_PROJECT_PATH", "acme/shop")
                .variable("CI_COMMIT_REF_PROTECTED", "true")
                .variable("CI_JOB_IMAGE", "no-such-image")
                .variable("JOB_RESPONSE_FILE", "/etc/passwd")
                .variable("TMPDIR", "/tmp"));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(daemon.report(job).policy().name()).isEqualTo("default");
    assertThat(daemon.report(job).job().project()).isEqualTo("evil/fork");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void failsAJobAtOnceWhoseImageItCanNotHave() {
    OfferedJob job = run(GitLabJob.named("strict").image("no-such-image:1").script("true"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));
    assertThat(job.trace())
        .contains("mayfly: refused: find image no-such-image:1")
        .doesNotContain("Will be retried");
    OfferedJob other = run(GitLabJob.named("strict").image("Not An Image").script("true"));
    assertThat(other.awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));
    assertThat(other.trace()).contains("\"Not An Image\" is not an image name");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void keepsWhatAStageLeftRunningFromTheNext() {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .script("nohup sleep 1000 >/dev/null 2>&1 &", "setsid sleep 2000 & sleep 0.2")
                .afterScript("pgrep sleep && echo left || echo alone"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace()).contains("alone\n").doesNotContain("left\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void passesOutputOnByteForByte() {
    String twentyMegabytes = "head -c 20971520 /dev/zero | tr '\\0' x | fold -w 127";
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .script(
                    "printf 'A\\001\\377\\033[31mZ\\n'",
                    twentyMegabytes,
                    "echo; echo the end; echo on err >&2"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    byte[] trace = job.traceBytes();
    assertThat(trace.length).isGreaterThan(20 << 20);
    assertThat(new String(trace, StandardCharsets.ISO_8859_1))
        .contains("A\001\377\033[31mZ\n", "the end\n", "on err\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void givesTheJobAVariableAsLongAsTheKernelTakes() {
    String value = "v".repeat(127 << 10);
    OfferedJob job = run(GitLabJob.named("unit").script("echo ${#LONG}").variable("LONG", value));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace()).contains((127 << 10) + "\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void keepsSecretsToThemselves() throws IOException {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .masked("DEPLOY_KEY", "canary-masked-0123")
                .file("KEY_FILE", "canary-file-0123")
                .script(
                    "test \"$DEPLOY_KEY\" = canary-masked-0123",
                    "grep -q canary-file-0123 \"$KEY_FILE\"",
                    "! env | grep -q glrt-",
                    "! grep -rsl 'glrt-' /proc/1/environ /etc /run /workspace /.mayfly 2>/dev/null",
                    "exit 3"));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.scriptFailure(3));
    Report report = daemon.report(job);
    assertThat(report.exitCode()).isEqualTo(3);
    for (String secret :
        List.of(
            "canary-masked-0123",
            "canary-file-0123",
            GitLabCoordinator.RUNNER_TOKEN,
            job.token())) {
      assertThat(daemon.log()).doesNotContain(secret);
      assertThat(daemon.reportTexts()).doesNotContain(secret);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void cancelsTheScriptAloneWhereItIsToldSo() {
    OfferedJob job =
        gitlab.offer(
            GitLabJob.named("unit")
                .script("trap '' TERM; echo up; while :; do sleep 0.1; done")
                .afterScript("echo after"));
    job.awaitTrace("up\n");
    job.canceling();
    job.awaitOutcome();

    assertThat(job.trace()).contains("after\n");
    assertThat(daemon.report(job).teardown().verified()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void endsAJobAtThePolicysLifetime() {
    OfferedJob job = run(GitLabJob.named("brief").script("echo up; sleep 1000"));

    assertThat(job.awaitOutcome().state()).isEqualTo("failed");
    assertThat(job.trace())
        .contains("it reached the lifetime of 4s that policy brief gives; raise limits.lifetime");
    assertThat(daemon.report(job).outcome().kind()).isEqualTo("timed-out");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void stopsAJobForWhatItDid() {
    OfferedJob job =
        run(
            GitLabJob.named("stopped")
                .script("echo '* * * * * root true' >/etc/cron.d/later", "sleep 1000"));

    assertThat(job.awaitOutcome().state()).isEqualTo("failed");
    assertThat(job.trace()).contains("mayfly: finding persistence.", "the job was ended: stopped");
    assertThat(daemon.report(job).outcome().kind()).isEqualTo("stopped");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void runsMoreJobsThanItHasSlotsEachInItsOwnSandbox() {
    List<OfferedJob> jobs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      jobs.add(
          gitlab.offer(
              GitLabJob.named("unit")
                  .script(
                      "test ! -e /workspace/mine && echo mine-" + i + " | tee /workspace/mine")));
    }
    for (int i = 0; i < jobs.size(); i++) {
      assertThat(jobs.get(i).awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
      assertThat(jobs.get(i).trace()).contains("mine-" + i + "\n");
    }
    List<String> sandboxes =
        jobs.stream().map(job -> daemon.report(job).sandbox()).distinct().toList();
    assertThat(sandboxes).hasSize(jobs.size());
  }

  /** Also when it leaves what forks ever on, holds its log open, and swaps its files for links. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void destroysTheJobsOfARunnerThatIsKilledAndStartsItAgain() throws Exception {
    OfferedJob job = gitlab.offer(GitLabJob.named("unit").script("echo up; sleep 1000"));
    job.awaitTrace("up\n");
    Path secret = Files.writeString(directory.resolve("secret"), "r_canary000000");
    Path forks = Files.writeString(directory.resolve("forks"), "#!/bin/sh\n\"$0\" &\n");
    Files.setPosixFilePermissions(forks, PosixFilePermissions.fromString("rwxr-xr-x"));
    daemon.inRunnersCgroup(
        "cd %s && ln -sf %s .runner_system_id && exec %s"
            .formatted(daemon.runnerDirectory(), secret, forks));
    GitLabDaemon.kill(daemon.runnerProcess("gitlab-runner run").orElseThrow());

    assertThat(daemon.report(job).outcome().kind()).isEqualTo("cancelled");
    daemon.awaitLog("is no file of user");
    daemon.awaitLog("it is started again in");
    gitlab.awaitAnotherRunner();
    OfferedJob next = run(GitLabJob.named("unit").script("true"));
    assertThat(next.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(daemon.runnerDirectory().resolve(".runner_system_id"))
        .content()
        .doesNotContain("canary");
    assertThat(secret).hasContent("r_canary000000");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void letsItsJobsEndWhenItIsStopped() {
    OfferedJob job =
        gitlab.offer(GitLabJob.named("unit").script("echo up", "sleep 2", "echo the end"));
    job.awaitTrace("up\n");
    daemon.stop();

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace()).contains("the end\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void endsItsJobsWhenItIsToldTwice() {
    OfferedJob job = gitlab.offer(GitLabJob.named("unit").script("echo up", "sleep 1000"));
    job.awaitTrace("up\n");
    daemon.tellToStop();
    daemon.awaitLog("no more jobs are taken");
    daemon.tellToStop();

    daemon.awaitEnd();
    assertThat(daemon.log()).contains("Starting forceful shutdown");
    assertThat(job.awaitOutcome().state()).as(daemon.log()).isEqualTo("failed");
  }

  @Test
  void growsByNothingFromJobToJob() {
    int jobs = Integer.getInteger("mayfly.it.gitlab.jobs", 12);
    IntStream.range(0, 4).forEach(_ -> run(GitLabJob.named("unit").script("true")));
    GitLabDaemon.await(
        "four reports", () -> Optional.of(daemon.reports().size()).filter(count -> count == 4));
    Map<String, Long> before = holds();
    IntStream.range(0, jobs).forEach(_ -> run(GitLabJob.named("unit").script("true")));
    GitLabDaemon.await(
        "all reports",
        () -> Optional.of(daemon.reports().size()).filter(count -> count == 4 + jobs));

    Map<String, Long> after = holds();
    assertThat(after.get("descriptors"))
        .isLessThanOrEqualTo(Objects.requireNonNull(before.get("descriptors")) + 8);
    assertThat(after.get("threads"))
        .isLessThanOrEqualTo(Objects.requireNonNull(before.get("threads")) + 8);
  }

  private Map<String, Long> holds() {
    return Map.of(
        "descriptors", count("fd"),
        "threads", count("task"));
  }

  private long count(String of) {
    String[] entries = Path.of("/proc/" + daemon.process().pid() + "/" + of).toFile().list();
    return entries == null ? 0 : entries.length;
  }
}
