package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What gitlab-runner makes of references to variables, by its {@code common/spec}. */
final class JobVariablesTest {
  private static JobResponse.Variable variable(String key, String value) {
    return new JobResponse.Variable(key, value, true, false, false, false);
  }

  private static final JobVariables SOME =
      new JobVariables(
          List.of(
              variable("A", "old"),
              variable("A", "one"),
              variable("B", "$A-${A}"),
              variable("LONG_name1", "two"),
              new JobResponse.Variable("RAW", "$A", true, false, false, true),
              new JobResponse.Variable("FILE", "content", false, true, true, false),
              variable("RUNNER_TEMP_PROJECT_DIR", "/b/p.tmp")));

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "plain, plain",
        "$A, one",
        "${A}, one",
        "x${A}y$A, xoneyone",
        "$AB, ``",
        "$A-B, one-B",
        "$A.B, one.B",
        "$LONG_name1/x, two/x",
        "$NONE, ``",
        "a$$b, a$b",
        "a$${A}, a${A}",
        "${$}, $",
        "a$, a$",
        "a$ b, a$ b",
        "a$/b, a$/b",
        "a$é, a$é",
        "$1x, x",
        "$*$#$@$!$?$-, ``",
        "${}x, x",
        "${A, A",
        "$B, $A-${A}",
        "$RAW, $A",
        "$FILE, /b/p.tmp/FILE",
      })
  void areReplacedAsTheRunnerDoesIt(String text, String expected) {
    assertThat(SOME.expand(text)).isEqualTo(expected);
  }

  @Test
  void areReplacedOnceInValues() {
    assertThat(SOME.expanded().all())
        .extracting(JobResponse.Variable::value)
        .containsExactly("old", "one", "one-one", "two", "$A", "content", "/b/p.tmp");
  }

  @Test
  void areEmptyWhereTheyAreTakenAway() {
    assertThat(SOME.without(Set.of("A")).expanded().expand("$A|$B|$RAW")).isEqualTo("|-|$A");
  }

  @Test
  void areTakenFromThoseThatAreVisible() {
    JobVariables merged = SOME.visibleAnd(List.of(variable("OWN", "$A $FILE")));
    assertThat(merged.expanded().expand("$OWN")).isEqualTo("one ");
  }

  @Test
  void growNoTextBeyondReason() {
    List<JobResponse.Variable> all = new ArrayList<>();
    all.add(variable("V0", "x".repeat(100_000)));
    all.add(variable("V1", "$V0".repeat(100_000)));
    JobVariables many = new JobVariables(all);
    assertThatThrownBy(many::expanded)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the job's variables grow by more than 8 MiB where they refer to each other: have them"
                + " refer to less");
    assertThatThrownBy(() -> many.expand("$V0".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class);
    List<JobResponse.Variable> small = new ArrayList<>();
    small.add(variable("V", "x".repeat(1_000)));
    for (int i = 0; i < 9_000; i++) {
      small.add(variable("W" + i, "$V"));
    }
    assertThatThrownBy(new JobVariables(small)::expanded)
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void showNoValue() {
    assertThat(SOME.toString()).contains("FILE").doesNotContain("content");
  }
}
