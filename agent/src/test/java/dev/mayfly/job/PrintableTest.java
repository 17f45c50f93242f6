package dev.mayfly.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  private static final long SEED = 20_261_101L;

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "größe", "构建", "🚀", "a\\n", "<b>&amp;", "e\u0301"})
  void leavesTextAsItIs(String text) {
    assertThat(Printable.escaped(text)).isEqualTo(text);
  }

  @Test
  void escapesWhatSteersATerminalOrALog() {
    assertThat(Printable.escaped("\u001b]0;x\u0007\r\n\t\0\u007f\u009b"))
        .isEqualTo("\\x1b]0;x\\x07\\x0d\\x0a\\x09\\x00\\x7f\\x9b");
    assertThat(Printable.escaped("\u2028\u2029")).isEqualTo("\\u{2028}\\u{2029}");
  }

  @Test
  void escapesWhatHidesOrTurnsText() {
    assertThat(Printable.escaped("\u202a\u202e\u2066\u2069\u200b\u200d\ufeff\u00ad"))
        .isEqualTo("\\u{202a}\\u{202e}\\u{2066}\\u{2069}\\u{200b}\\u{200d}\\u{feff}\\xad");
    assertThat(Printable.escaped("\ue000\ud800\udb40\udc01"))
        .isEqualTo("\\u{e000}\\u{d800}\\u{e0001}");
  }

  @Test
  void cutsAfter512CharactersAndNeverWithinOne() {
    assertThat(Printable.escaped("x".repeat(512))).isEqualTo("x".repeat(512));
    assertThat(Printable.escaped("x".repeat(513))).isEqualTo("x".repeat(512) + "…");
    assertThat(Printable.escaped("🚀".repeat(1_000_000))).isEqualTo("🚀".repeat(512) + "…");
  }

  @Test
  void makesAnythingOneLineThatATerminalShows() {
    Random random = new Random(SEED);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int left = random.nextInt(30); left > 0; left--) {
        text.append((char) random.nextInt(1 << 16));
      }
      String escaped = Printable.escaped(text.toString());
      assertThat(escaped)
          .as("seed %d, round %d", SEED, round)
          .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}]");
      assertThat(escaped.codePoints()).noneMatch(c -> Character.getType(c) == Character.SURROGATE);
    }
  }
}
