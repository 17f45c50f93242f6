package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runners.GitLabConfig;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GitLabFrontTest {
  @ParameterizedTest
  @CsvSource({"1, 46", "10, 55", "300, 345"})
  void waitsLongerForTheEndOfARunnerThanThatMayTake(int stopGrace, int seconds) {
    GitLabConfig.Times times =
        new GitLabConfig.Times(Duration.ofSeconds(stopGrace), Duration.ofMinutes(1));

    assertThat(GitLabFront.stopLimit(times))
        .isEqualTo(Duration.ofSeconds(seconds))
        .isGreaterThan(RunnerToml.shutdownLimit(times));
  }
}
