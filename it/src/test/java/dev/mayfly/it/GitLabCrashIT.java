package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A daemon or its runner is killed while a job is in a stage: what the first made is nobody's until
 * another one comes, so nothing runs beside this.
 */
final class GitLabCrashIT extends GitLabJobs {
  GitLabCrashIT(@TempDir Path directory) throws IOException {
    super(directory, GitLabCoordinator.start(directory), "it-crash", GitLabDaemon.More.NONE);
  }

  @BeforeAll
  static void makeImage() throws IOException, InterruptedException {
    HeldJob.makeImage();
  }

  @AfterAll
  static void removeImage() throws IOException, InterruptedException {
    HeldJob.removeImage();
  }

  static Set<HeldStage> whereDaemonsAreKilled() {
    return HeldStage.or(HeldStage.PREPARE_SERVICE, HeldStage.BUILD_SCRIPT);
  }

  @ParameterizedTest
  @MethodSource("whereDaemonsAreKilled")
  void leavesNothingBehindWhenItIsKilled(HeldStage stage) throws IOException, InterruptedException {
    try (HeldJob _ = HeldJob.in(stage, gitlab)) {
      List<Long> before = daemon.runnerProcesses();
      assertThat(before).isNotEmpty();
      daemon.process().destroyForcibly().waitFor();
      GitLabDaemon.await(
          "the end of the runner",
          () ->
              before.stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent())
                  ? Optional.of(true)
                  : Optional.empty());

      start();
      if (stage != HeldStage.PREPARE_IMAGE) {
        daemon.awaitLog("lost by a supervisor that died, was destroyed");
      }
      runsTheNextJob();
    }
  }

  static Set<HeldStage> whereRunnersAreKilled() {
    return HeldStage.or(HeldStage.PREPARE_IMAGE, HeldStage.BUILD_SCRIPT);
  }

  @ParameterizedTest
  @MethodSource("whereRunnersAreKilled")
  void destroysTheJobsOfARunnerThatIsKilledAndStartsItAgain(HeldStage stage)
      throws IOException, InterruptedException {
    try (HeldJob held = HeldJob.in(stage, gitlab)) {
      GitLabDaemon.kill(daemon.runnerProcess("gitlab-runner run").orElseThrow());

      var report = daemon.report(held.offered());
      assertThat(report.outcome().kind()).isEqualTo("cancelled");
      assertThat(report.teardown().verified()).isTrue();
      assertThat(EngineClient.containersOf(report.sandbox())).isEmpty();
      daemon.awaitLog("it is started again in");
      gitlab.awaitAnotherRunner();
      runsTheNextJob();
    }
  }

  private void runsTheNextJob() {
    OfferedJob next = run(GitLabJob.named("unit").script("true"));
    assertThat(next.awaitOutcome()).as(next.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
  }
}
