package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests with a GitLab and a daemon of their own. */
abstract class GitLabJobs {
  final Path directory;
  final GitLabCoordinator gitlab;
  private final String runner;
  private final GitLabDaemon.More more;
  GitLabDaemon daemon;

  /**
   * @param runner its name, which no other test has at the same time
   */
  GitLabJobs(Path directory, GitLabCoordinator gitlab, String runner, GitLabDaemon.More more) {
    this.directory = directory;
    this.gitlab = gitlab;
    this.runner = runner;
    this.more = more;
  }

  @BeforeEach
  void start() throws IOException, InterruptedException {
    daemon = GitLabDaemon.start(directory, runner, gitlab, more);
  }

  @AfterEach
  void leavesNothing() throws IOException, InterruptedException {
    daemon.close();
    assertThat(gitlab.violations()).isEmpty();
    gitlab.close();
  }

  /** Has a job run to its end. */
  OfferedJob run(GitLabJob job) {
    OfferedJob offered = gitlab.offer(job);
    offered.awaitOutcome();
    return offered;
  }
}
