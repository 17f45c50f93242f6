package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs of GitLab's on an engine of the host's own. */
final class GitLabHostEngineIT {
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PRIVATE")
  void runsAJobWithAService(TestEngine engine, @TempDir Path directory) throws IOException {
    try (GitLabCoordinator gitlab = GitLabCoordinator.start(directory);
        GitLabDaemon daemon =
            GitLabDaemon.start(directory, "it-host", gitlab, GitLabDaemon.More.NONE.on(engine))) {
      OfferedJob job =
          gitlab.offer(
              GitLabJob.named("unit")
                  .service(
                      "mayfly-base", "web", "python3", "-m", "http.server", "--directory", "/etc")
                  .script(
                      "id -u; echo made >made",
                      "curl -sS --retry 50 --retry-delay 1 --retry-connrefused http://web:8000/hostname",
                      "command -v gitlab-runner")
                  .afterScript("cat made"));

      assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
      assertThat(job.trace())
          .contains("1001\n", "sandbox\n", "/.mayfly/gitlab-runner\n", "made\n")
          .contains("mayfly: job exited with 0, no findings");
      Report report = daemon.report(job);
      assertThat(report.coverage().state()).isEqualTo("proven");
      assertThat(report.teardown().verified()).isTrue();
      assertThat(gitlab.violations()).isEmpty();
    }
  }
}
