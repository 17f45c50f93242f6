package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TomlTest {
  /** A map in the order of its arguments. */
  private static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  @Test
  void writesSingleValuesInTheirOrder() {
    assertThat(
            Toml.of(
                map(
                    "text",
                    "a",
                    "whole",
                    1,
                    "long",
                    -9_000_000_000L,
                    "decimal",
                    0.5,
                    "yes",
                    true,
                    "no",
                    false)))
        .isEqualTo(
            """
            text = "a"
            whole = 1
            long = -9000000000
            decimal = 0.5
            yes = true
            no = false
            """);
  }

  @Test
  void writesAnEmptyDocument() {
    assertThat(Toml.of(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          a"b      | "a\\"b"
          a\\b     | "a\\\\b"
          é → 😀   | "é → 😀"
          ${HOME}  | "${HOME}"
          ``       | ""
          a'b#c    | "a'b#c"
          """)
  void quotesText(String text, String quoted) {
    assertThat(Toml.of(Map.of("k", text))).isEqualTo("k = " + quoted + "\n");
  }

  @Test
  void escapesWhatABasicStringCannotHold() {
    assertThat(Toml.of(Map.of("k", "a\nb\rc\td\0e\u001ff\u007fg\u0080")))
        .isEqualTo("k = \"a\\u000Ab\\u000Dc\\u0009d\\u0000e\\u001Ff\\u007Fg\u0080\"\n");
  }

  /** Text can't leave its string, whatever it says. */
  @Test
  void staysOneLineForEachValue() {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < 0x100; c++) {
      all.append(c);
    }
    assertThat(Toml.of(Map.of("k", all.toString())).split("\n", -1)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          A-b_9   | A-b_9
          a.b     | "a.b"
          a b     | "a b"
          ``      | ""
          é       | "é"
          a"]\\n  | "a\\"]\\\\n"
          """)
  void quotesKeysThatAreNotBare(String key, String written) {
    assertThat(Toml.of(Map.of(key, 1))).isEqualTo(written + " = 1\n");
    assertThat(Toml.of(Map.of(key, Map.of(key, 1))))
        .isEqualTo("\n[" + written + "]\n" + written + " = 1\n");
  }

  @Test
  void writesValuesOfATableBeforeTheTablesBelowIt() {
    assertThat(
            Toml.of(
                map(
                    "first",
                    map("inner", map("deep", map()), "value", 1),
                    "last",
                    2,
                    "second",
                    map("value", 3))))
        .isEqualTo(
            """
            last = 2

            [first]
            value = 1

            [first.inner]

            [first.inner.deep]

            [second]
            value = 3
            """);
  }

  @Test
  void writesListsOfMapsAsArraysOfTables() {
    assertThat(
            Toml.of(
                map(
                    "runners",
                    List.of(
                        map("cache", map("s3", map("Insecure", true), "Type", "s3"), "name", "a"),
                        map("name", "b", "rules", List.of(map("x", 1), map("x", 2)))))))
        .isEqualTo(
            """

            [[runners]]
            name = "a"

            [runners.cache]
            Type = "s3"

            [runners.cache.s3]
            Insecure = true

            [[runners]]
            name = "b"

            [[runners.rules]]
            x = 1

            [[runners.rules]]
            x = 2
            """);
  }

  @Test
  void writesOtherListsWithinTheirLine() {
    assertThat(
            Toml.of(
                map(
                    "none",
                    List.of(),
                    "texts",
                    List.of("A=1", "B=\"2\""),
                    "mixed",
                    List.of(1, map("a b", 2, "c", List.of(true)), "x"))))
        .isEqualTo(
            """
            none = []
            texts = ["A=1", "B=\\"2\\""]
            mixed = [1, {"a b" = 2, c = [true]}, "x"]
            """);
  }

  @Test
  void refusesWhatTomlDoesNotHave() {
    assertThatThrownBy(() -> Toml.of(Map.of("k", new BigDecimal("1.5"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("TOML has no BigDecimal: 1.5");
    assertThatThrownBy(() -> Toml.of(Map.of("k", List.of(Double.NaN))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("TOML has no Double: NaN");
  }

  @Test
  void leavesWhatItIsGivenAsItIs() {
    Map<String, Object> root = map("b", new ArrayList<>(List.of(1)), "a", map("x", 1));
    String first = Toml.of(root);
    assertThat(Toml.of(root)).isEqualTo(first);
    assertThat(root.keySet()).containsExactly("b", "a");
  }
}
