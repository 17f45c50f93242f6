package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A daemon that is killed: what it made is nobody's until another one comes, so nothing runs beside
 * this.
 */
final class GitLabCrashIT extends GitLabJobs {
  GitLabCrashIT(@TempDir Path directory) throws IOException {
    super(directory, GitLabCoordinator.start(directory), "it-crash", GitLabDaemon.More.NONE);
  }

  @Test
  void leavesNoRunnerBehindWhenItIsKilled() throws IOException, InterruptedException {
    OfferedJob job = gitlab.offer(GitLabJob.named("unit").script("echo up; sleep 1000"));
    job.awaitTrace("up\n");
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
    OfferedJob next = run(GitLabJob.named("unit").script("true"));
    assertThat(next.awaitOutcome()).isEqualTo(OfferedJob.Outcome.SUCCESS);
  }
}
