package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "1B, 1",
    "1kB, 1000",
    "1KiB, 1024",
    "1.5GB, 1500000000",
    "4GiB, 4294967296",
    "4 GiB, 4294967296",
    "0.5KiB, 512",
    "1TiB, 1099511627776",
    "9223372036854775807B, 9223372036854775807"
  })
  void readsNumbersWithUnits(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "4", "GiB", "4G", "4gib", "-4GiB", "4,5GiB", "1e3B", "4GiB ", "4  GiB", "٤GiB"
      })
  void refusesWhatIsNotASizeAndNamesTheUnits(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "\""
                + text
                + "\" is not a size: write a number and one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB,"
                + " such as 4GiB");
  }

  @Test
  void refusesZeroAndMoreThanALongHolds() {
    assertThatThrownBy(() -> ByteSize.parse("0.1B")).hasMessage("\"0.1B\" is less than one byte");
    assertThatThrownBy(() -> ByteSize.parse("8388608TiB"))
        .hasMessage("\"8388608TiB\" is more bytes than any machine has");
    assertThatThrownBy(() -> new ByteSize(0)).hasMessage("a size is at least 1B, not 0");
    assertThatThrownBy(() -> ByteSize.ofGiB(Long.MAX_VALUE))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void readsBackWhatItShows() {
    assertThat(Samples.between(1, Long.MAX_VALUE).mapToObj(ByteSize::new))
        .allSatisfy(size -> assertThat(ByteSize.parse(size.toString())).isEqualTo(size));
  }
}
