package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A job is ended early in whichever of its stages: GitLab is told the right thing, what has to run
 * still runs, and nothing is left. One daemon has all of the jobs.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GitLabStagesIT extends GitLabJobs {
  /** Long enough for a job to come to its last stage on a machine that is busy. */
  private static final Duration TIME_LIMIT = Duration.ofSeconds(8);

  private static final int PREPARATIONS = 3;

  GitLabStagesIT(@TempDir Path directory) throws IOException {
    super(directory, GitLabCoordinator.start(directory), "it-stages", GitLabDaemon.More.NONE);
  }

  @Override
  @BeforeAll
  void start() throws IOException, InterruptedException {
    HeldJob.makeImage();
    super.start();
  }

  @Override
  @AfterAll
  void leavesNothing() throws IOException, InterruptedException {
    super.leavesNothing();
    HeldJob.removeImage();
  }

  static Set<HeldStage> whereJobsAreCanceled() {
    return HeldStage.or(HeldStage.PREPARE_IMAGE, HeldStage.BUILD_SCRIPT, HeldStage.AFTER_SCRIPT);
  }

  @ParameterizedTest
  @MethodSource("whereJobsAreCanceled")
  @Execution(ExecutionMode.CONCURRENT)
  void runsNoFurtherStageOfAJobThatIsCanceled(HeldStage stage)
      throws IOException, InterruptedException {
    try (HeldJob held = HeldJob.in(stage, gitlab)) {
      OfferedJob job = held.offered();
      job.canceled();
      job.awaitAbandoned();

      assertThat(job.state()).isEqualTo("canceled");
      leftNothing(job, stage == HeldStage.AFTER_SCRIPT ? "exited" : "cancelled");
      assertRanAfterScript(job, !stage.isBefore(HeldStage.AFTER_SCRIPT));
    }
  }

  /** From after_script on, a runner lets a job that is canceling go on as if it were not. */
  static Set<HeldStage> whereJobsAreCanceling() {
    Set<HeldStage> stages =
        EnumSet.copyOf(HeldStage.or(HeldStage.PREPARE_SERVICE, HeldStage.STEP_RELEASE));
    stages.removeIf(stage -> !stage.isBefore(HeldStage.AFTER_SCRIPT));
    return stages;
  }

  @ParameterizedTest
  @MethodSource("whereJobsAreCanceling")
  @Execution(ExecutionMode.CONCURRENT)
  void runsTheAfterScriptOfAJobThatIsCancelingInItsOwnScript(HeldStage stage)
      throws IOException, InterruptedException {
    try (HeldJob held = HeldJob.in(stage, gitlab)) {
      OfferedJob job = held.offered();
      job.canceling();

      assertThat(job.awaitOutcome())
          .as(job.trace())
          .isEqualTo(OfferedJob.Outcome.failed("job_canceled"));
      assertThat(job.state()).isEqualTo("canceled");
      leftNothing(job, "cancelled");
      assertRanAfterScript(job, stage.isUserScript());
    }
  }

  static Set<HeldStage> whereJobsRunOutOfTime() {
    return HeldStage.or(HeldStage.BUILD_SCRIPT, HeldStage.CLEANUP_FILE_VARIABLES);
  }

  @ParameterizedTest
  @MethodSource("whereJobsRunOutOfTime")
  @Execution(ExecutionMode.CONCURRENT)
  void endsAJobAtItsTimeLimit(HeldStage stage) throws IOException, InterruptedException {
    try (HeldJob held = HeldJob.offer(gitlab, stage, job -> job.timeout(TIME_LIMIT))) {
      held.await();
      OfferedJob job = held.offered();

      assertThat(job.awaitOutcome())
          .as(job.trace())
          .isEqualTo(OfferedJob.Outcome.failed("job_execution_timeout"));
      leftNothing(job, stage == HeldStage.AFTER_SCRIPT ? "exited" : "cancelled");
      assertRanAfterScript(job, !stage.isBefore(HeldStage.AFTER_SCRIPT));
    }
  }

  static Set<HeldStage> whereHooksAreKilled() {
    return HeldStage.or(
        HeldStage.PREPARE_IMAGE, HeldStage.BUILD_SCRIPT, HeldStage.UPLOAD_ARTIFACTS);
  }

  @ParameterizedTest
  @MethodSource("whereHooksAreKilled")
  @Execution(ExecutionMode.CONCURRENT)
  void failsAJobWhoseHookIsKilled(HeldStage stage) throws IOException, InterruptedException {
    try (HeldJob held = HeldJob.in(stage, gitlab)) {
      OfferedJob job = held.offered();
      killHooks(job, stage);

      assertThat(job.awaitOutcome())
          .as(job.trace())
          .isEqualTo(
              stage == HeldStage.AFTER_SCRIPT
                  ? OfferedJob.Outcome.SUCCESS
                  : OfferedJob.Outcome.failed("runner_system_failure"));
      leftNothing(job, stage == HeldStage.AFTER_SCRIPT ? "exited" : "cancelled");
      assertRanAfterScript(job, stage.isUserScript() || !stage.isBefore(HeldStage.AFTER_SCRIPT));
    }
  }

  /** A runner tries each preparation that its driver did not end several times. */
  private void killHooks(OfferedJob job, HeldStage stage) throws IOException {
    Set<Long> killed = new HashSet<>();
    for (int i = 0; i < (stage.isPreparation() ? PREPARATIONS : 1); i++) {
      long hook =
          GitLabDaemon.await(
              "hook " + i,
              () -> daemon.hook(job, stage.call()).filter(pid -> !killed.contains(pid)));
      killed.add(hook);
      GitLabDaemon.kill(hook);
    }
  }

  /** Looks at the engine, too, for what the reports say. */
  private void leftNothing(OfferedJob job, String outcome)
      throws IOException, InterruptedException {
    Report report = daemon.report(job);
    assertThat(report.outcome().kind()).as(job.trace()).isEqualTo(outcome);
    assertThat(report.teardown().verified()).isTrue();
    assertThat(EngineClient.containersOf(report.sandbox())).isEmpty();
  }

  private static void assertRanAfterScript(OfferedJob job, boolean ran) {
    if (ran) {
      assertThat(job.trace()).contains("after\n");
    } else {
      assertThat(job.trace()).doesNotContain("after\n");
    }
  }
}
