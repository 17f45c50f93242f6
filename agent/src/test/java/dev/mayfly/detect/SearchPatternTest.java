package dev.mayfly.detect;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchPatternTest {
  private static final int EXPRESSIONS = 20_000;
  private static final int TEXTS = 20;
  private static final String LETTERS = "abkKsSB_/ſ\u212a";

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          /dev/(tcp|udp)/ ; /dev/
          (?i)Stratum[12]?\\+(tcp|ssl):// ; stratum
          (JENKINS|BUILD)_ID=(dontKillMe|$) ; JENKINS,BUILD
          \\b(gh[opusr]_[A-Z]{20,}|github_pat_x|npm_) ; gh,github_pat_x,npm_
          abc+de ; abc
          abcd?e{0,2}fg{2}h ; abc
          (a|bc)(?:de|fgh)xyz ; xyz
          [a]]bc\\.d ; ]bc.d
          """)
  void knowsWhatIsInEveryMatch(String expression, String needles) {
    assertThat(Needles.of(expression).texts()).containsExactly(needles.split(",", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "[ab]c?",
        "(ab|)",
        "(abc)?",
        "(abc)*x{0}",
        "(ab|c)",
        "\\Qab\\E",
        "\\x61bc",
        "\\pLab",
        "",
        "a?b?c?",
        "(?:ab){0,3}",
        "äö",
        "(?P<x>ab)|."
      })
  void knowsWhereItKnowsNothing(String expression) {
    assertThat(Needles.of(expression).texts()).isEmpty();
  }

  @Test
  void findsWhatTheExpressionFinds() {
    Random random = new Random(7);
    int found = 0;
    int filtered = 0;
    for (int i = 0; i < EXPRESSIONS; i++) {
      String expression = (random.nextInt(3) == 0 ? "(?i)" : "") + expression(random, 3);
      SearchPattern pattern = SearchPattern.parse(expression);
      filtered += pattern.needles().texts().isEmpty() ? 0 : 1;
      for (int n = 0; n < TEXTS; n++) {
        String text = text(random, random.nextInt(12));
        boolean expected = Pattern.compile(expression).matcher(text).find();
        assertThat(pattern.isIn(text)).as("%s in %s", expression, text).isEqualTo(expected);
        found += expected ? 1 : 0;
      }
    }
    assertThat(filtered).isGreaterThan(EXPRESSIONS / 10);
    assertThat(found).isGreaterThan(EXPRESSIONS);
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  private static final List<String> QUANTIFIERS =
      List.of("?", "*", "+", "{0}", "{0,2}", "{2}", "{1,}", "+?", "*?");
  private static final List<String> ZERO_WIDTH = List.of("^", "$", "\\b", "\\B");
  private static final List<String> CLASSES =
      List.of(".", "[ab]", "[^/]", "[]a]", "\\w", "[[:alpha:]]");

  private static String expression(Random random, int depth) {
    String[] branches = new String[1 + random.nextInt(2)];
    Arrays.setAll(branches, _ -> branch(random, depth));
    return String.join("|", branches);
  }

  private static String branch(Random random, int depth) {
    StringBuilder branch = new StringBuilder();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int kind = random.nextInt(10);
      if (kind == 0) {
        branch.append(ZERO_WIDTH.get(random.nextInt(ZERO_WIDTH.size())));
        continue;
      }
      branch.append(
          switch (kind) {
            case 1 -> CLASSES.get(random.nextInt(CLASSES.size()));
            case 2, 3 -> depth == 0 ? "ab" : "(" + expression(random, depth - 1) + ")";
            case 4 -> depth == 0 ? "s" : "(?i:" + expression(random, depth - 1) + ")";
            case 5 -> "\\/";
            default -> text(random, 1 + random.nextInt(3));
          });
      if (random.nextInt(3) == 0) {
        branch.append(QUANTIFIERS.get(random.nextInt(QUANTIFIERS.size())));
      }
    }
    return branch.toString();
  }
}
