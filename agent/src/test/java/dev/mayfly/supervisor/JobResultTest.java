package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.job.Outcome;
import dev.mayfly.sandbox.Teardown;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JobResultTest {
  private static final Teardown NOT_CLEAN = new Teardown(List.of("process 7"));

  record Ended(Outcome outcome, int code) {}

  static Stream<Ended> outcomes() {
    return Stream.of(
        new Ended(new Outcome.Exited(0), 0),
        new Ended(new Outcome.Exited(1), 1),
        new Ended(new Outcome.Exited(127), 127),
        new Ended(new Outcome.Exited(255), 255),
        new Ended(new Outcome.Stopped(SampleResult.FINDING), 122),
        new Ended(new Outcome.TimedOut(), 124),
        new Ended(new Outcome.Refused("r"), 125),
        new Ended(new Outcome.Failed("f"), 125),
        new Ended(new Outcome.Cancelled(2), 130),
        new Ended(new Outcome.Cancelled(15), 143),
        new Ended(new Outcome.Cancelled(64), 192));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void exitsWithTheCodeThatTellsWhatHappened(Ended ended) {
    assertThat(SampleResult.full(ended.outcome(), SampleResult.CLEAN).exitCode())
        .isEqualTo(ended.code());
    assertThat(SampleResult.full(ended.outcome(), NOT_CLEAN).exitCode())
        .as("where something is left behind")
        .isEqualTo(123);
  }
}
