package dev.mayfly.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
  private static final Redaction SECRETS =
      new Redaction(List.of("glpat-0123456789", "one\nsecond line\n", "tab\tsecret", "short"));

  @ParameterizedTest
  @CsvSource({
    "a glpat-0123456789 b, a [MASKED] b",
    "a second line b, a [MASKED] b",
    "a tab\\x09secret b, a [MASKED] b",
    "glpat-012345678, glpat-012345678",
    "short one, short one",
  })
  void takesSecretsOut(String text, String safe) {
    assertThat(SECRETS.of(text)).isEqualTo(safe);
  }

  @ParameterizedTest
  @CsvSource({
    "curl -H glpat-01234…, curl -H [MASKED]…",
    "curl -H glpa…, curl -H [MASKED]…",
    "curl -H glp…, curl -H glp…",
    "curl glpat-0123456789…, curl [MASKED]…",
    "curl glpat…, curl [MASKED]…",
    "a secon… > b tab\\x09s… c, a [MASKED]… > b [MASKED]… c",
    "\"glpat-…\" (90 characters), \"[MASKED]…\" (90 characters)",
    "glpat-01 … , glpat-01 …",
    "…, …",
    "a… glpat-01, a… glpat-01",
  })
  void takesTheBeginningOfASecretOutWhereTheTextWasCut(String text, String safe) {
    assertThat(SECRETS.of(text)).isEqualTo(safe);
  }

  /** Whatever cuts a text, and wherever: nothing that tells of the secret is left. */
  @Test
  void leavesNoPartOfASecretAtAnyCut() {
    String secret = IntStream.range(0, 400).mapToObj(i -> "k" + i).collect(Collectors.joining());
    Redaction redaction = new Redaction(List.of(secret));
    for (int at = 0; at < 700; at++) {
      String text = redaction.of(Printable.escaped(".".repeat(at) + secret + " end"));
      assertThat(text).as("at %d", at).doesNotContain("k0k1");
    }
  }

  @Test
  void changesNothingWhereThereIsNoSecret() {
    assertThat(Redaction.NONE.of("a… b")).isEqualTo("a… b");
    assertThat(SECRETS.toString()).isEqualTo("Redaction");
  }
}
