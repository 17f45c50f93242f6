package dev.mayfly.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobTest {
  @ParameterizedTest
  @ValueSource(strings = {"1", "exec-42", "a.b_c-D", "9999999999999999999"})
  void takesIdsAsServersGiveThem(String id) {
    assertThat(new JobId(id)).hasToString(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "-a", "_a", "a/b", "a b", "a\n", "é", "a\u001b", "a:b", "a=b"})
  void refusesIdsThatAreNotSafeInFileNamesAndLogs(String id) {
    assertThatThrownBy(() -> new JobId(id)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void boundsIds() {
    assertThat(new JobId("a".repeat(128)).value()).hasSize(128);
    assertThatThrownBy(() -> new JobId("a".repeat(129)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void namesWhatTheOperatorStarted() {
    assertThat(Job.local(new JobId("exec-1")))
        .isEqualTo(
            new Job(new JobId("exec-1"), "local", Optional.empty(), Optional.empty(), "exec"));
  }

  @Test
  void refusesAJobWithoutNameOrPlatform() {
    JobId id = new JobId("1");
    assertThatThrownBy(() -> new Job(id, " ", Optional.empty(), Optional.empty(), "build"))
        .hasMessage("a job has a platform and a name");
    assertThatThrownBy(() -> new Job(id, "gitlab", Optional.empty(), Optional.empty(), ""))
        .hasMessage("a job has a platform and a name");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 256, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void refusesExitCodesThatNoProcessHas(int code) {
    assertThatThrownBy(() -> new Outcome.Exited(code))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("exit code out of range: " + code);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 126, 127, 137, 255})
  void takesTheExitCodesOfAShell(int code) {
    assertThat(new Outcome.Exited(code).code()).isEqualTo(code);
  }
}
