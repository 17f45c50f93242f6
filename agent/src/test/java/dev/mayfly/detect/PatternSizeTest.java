package dev.mayfly.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternSizeTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          abc              ; 3
          a*b+c?|d         ; 4
          a{5}             ; 5
          a{2,7}           ; 7
          a{3,}            ; 3
          a{0}             ; 1
          a{,3}            ; 5
          (ab){3}          ; 9
          ((a{10}){10}){10} ; 1110
          x(a|b)c{2}       ; 6
          [abc]{4}         ; 4
          [](){9}]         ; 1
          [^](){9}]        ; 1
          [[:alpha:]({9}]x ; 2
          [\\](){9}]x      ; 2
          \\(a{2}          ; 3
          \\Qa(b{9}\\Ec    ; 9
          \\{9}            ; 3
          """)
  void countsWhatIsWrittenOut(String pattern, int wanted) {
    assertThat(PatternSize.of(pattern)).isEqualTo(wanted);
  }

  @Test
  void endsOnAnything() {
    Random random = new Random(20_261_127);
    String pieces = "()[]{}^\\QE:,-09a*|";
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(20); j > 0; j--) {
        text.append(pieces.charAt(random.nextInt(pieces.length())));
      }
      assertThat(PatternSize.of(text.toString())).as(text.toString()).isNotNegative();
    }
    assertThat(PatternSize.of("(".repeat(200) + "a" + "{999999999}){999999999}".repeat(200)))
        .isGreaterThan(PatternSize.MOST);
  }
}
