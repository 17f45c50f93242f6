package dev.mayfly.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ForeignTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain", "tab\tand\nline", "\u00e4\u20ac\ud83d\ude00\u07ff\ud7ff\uffff"})
  void keepsText(String text) {
    assertThat(ForeignText.of(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
  }

  @Test
  void spellsBytesThatAreNoText() {
    byte[] bytes = {'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xe2, (byte) 0x82};
    assertThat(ForeignText.of(bytes)).isEqualTo("a\\xff\\xc3b\\xe2\\x82");
  }

  @Test
  void takesOverlongFormsAndSurrogatesAsBytes() {
    byte[] bytes = {(byte) 0xc0, (byte) 0xaf, (byte) 0xed, (byte) 0xa0, (byte) 0x80};
    assertThat(ForeignText.of(bytes)).isEqualTo("\\xc0\\xaf\\xed\\xa0\\x80");
  }

  @Test
  void agreesWithTheDecoderOfTheLanguage() {
    Random random = new Random(8);
    for (int round = 0; round < 100_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(5)];
      random.nextBytes(bytes);
      String text = ForeignText.of(bytes);
      try {
        String strict =
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        assertThat(text).isEqualTo(strict);
      } catch (CharacterCodingException e) {
        assertThat(text).contains("\\x").doesNotContain("\uFFFD");
      }
    }
  }
}
