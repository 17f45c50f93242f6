package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyMatchTest {
  private static final Job JOB =
      new Job(
          new JobId("1"),
          "gitlab",
          Optional.of("acme/shop"),
          Optional.of("release/1.2"),
          "deploy",
          Optional.of(true));

  private static List<Glob> globs(String... texts) {
    return Arrays.stream(texts).map(Glob::new).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "main, main, true",
    "main, mainx, false",
    "main, xmain, false",
    "main, Main, false",
    "main, '', false",
    "*, main, true",
    "*, '', true",
    "*, a/b, false",
    "**, a/b/c, true",
    "acme/*, acme/shop, true",
    "acme/*, acme/, true",
    "acme/*, acme, false",
    "acme/*, acme/team/shop, false",
    "acme/*, evil/acme/shop, false",
    "acme/*, acmex/shop, false",
    "acme/**, acme/team/shop, true",
    "acme/**, acme, false",
    "**/shop, acme/team/shop, true",
    "*/shop, acme/team/shop, false",
    "v?.*, v1.2, true",
    "v?.*, v/.2, false",
    "v?.*, v.2, false",
    "a*b*c, axxbyyc, true",
    "a*b*c, axxbyy, false",
    "a.c, abc, false",
    "[a-z], b, false",
    "release-*, release-1/2, false",
    "***, a/b, true"
  })
  void matchesWholeNames(String glob, String name, boolean matches) {
    assertThat(new Glob(glob).matches(name)).isEqualTo(matches);
  }

  @Test
  void takesTimeInProportionWhateverItIsGiven() {
    String name = "a".repeat(20_000);
    assertThat(new Glob("*a".repeat(60) + "b").matches(name)).isFalse();
    assertThat(new Glob("**a".repeat(60)).matches(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " a", "a ", "a\n"})
  void refusesWhatIsNoPattern(String text) {
    assertThatThrownBy(() -> new Glob(text))
        .hasMessageEndingWith(
            " is not a pattern: write a name such as main, or one with * such as acme/*");
    assertThatThrownBy(() -> new Glob("a".repeat(257)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new Glob("a".repeat(256)).matches("a".repeat(256))).isTrue();
  }

  @Test
  void acceptsNoJobWithoutACondition() {
    assertThat(PolicyMatch.NONE.accepts(JOB)).isFalse();
  }

  @Test
  void wantsEveryConditionAndAnyPatternOfEach() {
    List<Glob> none = List.of();
    assertThat(new PolicyMatch(globs("git*"), none, none, none, Optional.empty()).accepts(JOB))
        .isTrue();
    assertThat(
            new PolicyMatch(
                    globs("github", "gitlab"),
                    globs("acme/*"),
                    globs("main", "release/*"),
                    globs("deploy*"),
                    Optional.of(true))
                .accepts(JOB))
        .isTrue();
    assertThat(
            new PolicyMatch(globs("github"), globs("acme/*"), none, none, Optional.empty())
                .accepts(JOB))
        .isFalse();
    assertThat(
            new PolicyMatch(globs("gitlab"), globs("evil/*"), none, none, Optional.empty())
                .accepts(JOB))
        .isFalse();
    assertThat(new PolicyMatch(none, none, globs("main"), none, Optional.empty()).accepts(JOB))
        .isFalse();
    assertThat(new PolicyMatch(none, none, none, globs("test"), Optional.empty()).accepts(JOB))
        .isFalse();
    assertThat(new PolicyMatch(none, none, none, none, Optional.of(false)).accepts(JOB)).isFalse();
  }

  @Test
  void takesWhatTheServerDoesNotSayForNeither() {
    Job unknown = Job.local(new JobId("1"));
    List<Glob> none = List.of();
    assertThat(new PolicyMatch(none, globs("**"), none, none, Optional.empty()).accepts(unknown))
        .isFalse();
    assertThat(new PolicyMatch(none, none, globs("**"), none, Optional.empty()).accepts(unknown))
        .isFalse();
    for (boolean value : new boolean[] {true, false}) {
      assertThat(new PolicyMatch(none, none, none, none, Optional.of(value)).accepts(unknown))
          .isFalse();
    }
    assertThat(new PolicyMatch(globs("local"), none, none, none, Optional.empty()).accepts(unknown))
        .isTrue();
  }
}
