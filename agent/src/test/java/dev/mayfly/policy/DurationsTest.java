package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  @ParameterizedTest
  @CsvSource({"90s, 90", "30m, 1800", "2h, 7200", "1h30m, 5400", "1d, 86400", "1d2h3m4s, 93784"})
  void readsNumbersWithUnits(String text, long seconds) {
    assertThat(Durations.parse(text)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "h", "1.5h", "-1h", "1h 30m", "30m1h", "1h1h", "2H", "10ms", "PT2H"})
  void refusesWhatIsNotADurationAndShowsTheForm(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "\""
                + text
                + "\" is not a duration: write whole numbers with d, h, m or s, largest unit first,"
                + " such as 2h or 1h30m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "0h0m"})
  void refusesNoTime(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .hasMessage("\"" + text + "\" is no time at all: write at least 1s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"120", "0"})
  void asksForTheUnitThatIsMissing(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .hasMessage(
            "\"%1$s\" has no unit: write %1$ss for seconds, %1$sm for minutes or %1$sh for hours"
                .formatted(text));
  }

  @Test
  void readsBackWhatItShows() {
    assertThat(Samples.between(1, 1L << 40).mapToObj(Duration::ofSeconds))
        .allSatisfy(
            duration -> assertThat(Durations.parse(Durations.show(duration))).isEqualTo(duration));
  }
}
