package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More jobs at once than a runner has slots. */
final class GitLabLoadIT extends GitLabJobs {
  private static final int JOBS = 32;
  private static final int SLOTS = 8;

  /** Of a job's log, which is told in several parts then. */
  private static final int LINES = 2000;

  GitLabLoadIT(@TempDir Path directory) throws IOException {
    super(
        directory,
        GitLabCoordinator.start(directory),
        "it-load",
        GitLabDaemon.More.NONE.withSlots(SLOTS));
  }

  @Test
  void givesEachOfManyJobsItsOwnSandboxAndLogAndNeverRunsMoreThanItHasSlots()
      throws IOException, InterruptedException {
    List<OfferedJob> jobs = new ArrayList<>();
    for (int i = 0; i < JOBS; i++) {
      jobs.add(
          gitlab.offer(
              GitLabJob.named("unit")
                  .variable("MINE", "job-" + i + "-")
                  .script(
                      "test ! -e /workspace/mine && echo \"$MINE\" >/workspace/mine",
                      "seq -f \"$MINE%g\" " + LINES,
                      "exit " + i)));
    }

    for (int i = 0; i < JOBS; i++) {
      OfferedJob job = jobs.get(i);
      assertThat(job.awaitOutcome())
          .as(job.trace())
          .isEqualTo(i == 0 ? OfferedJob.Outcome.SUCCESS : OfferedJob.Outcome.scriptFailure(i));
      assertThat(linesOfJobs(job)).isEqualTo(linesOf(i));
    }
    assertThat(gitlab.mostRunning()).isEqualTo(SLOTS);
    Set<String> sandboxes =
        jobs.stream().map(job -> daemon.report(job).sandbox()).collect(Collectors.toSet());
    assertThat(sandboxes).hasSize(JOBS);
    for (String sandbox : sandboxes) {
      assertThat(EngineClient.containersOf(sandbox)).isEmpty();
    }
  }

  private static List<String> linesOfJobs(OfferedJob job) {
    return job.trace().lines().filter(line -> line.startsWith("job-")).toList();
  }

  private static List<String> linesOf(int job) {
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= LINES; i++) {
      lines.add("job-" + job + "-" + i);
    }
    return lines;
  }
}
