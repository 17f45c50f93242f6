package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
  private static final ImageReference PINNED =
      ImageReference.parse("base@sha256:" + "0".repeat(64));

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "-a", ".a", "a b", "a/b", "a\n", "ä"})
  void refusesNamesThatAreNotSafeInLabelsAndFileNames(String name) {
    assertThatThrownBy(() -> policy(name, Policy.DEFAULT_IMAGE, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(Quote.of(name) + " is not a policy name: use lower-case letters");
  }

  @Test
  void acceptsNamesOfAtMost63Characters() {
    assertThat(policy("a".repeat(63), PINNED, true).name()).hasSize(63);
    assertThatThrownBy(() -> policy("a".repeat(64), PINNED, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsARequiredDigestWhenTheImageIsChanged() {
    Policy policy = policy("strict", PINNED, true);
    ImageReference unpinned = ImageReference.parse("base:latest");
    assertThatThrownBy(() -> policy.withImage(unpinned))
        .hasMessage(
            "require-digest is set, but image base:latest names no digest: write base@sha256:…");
    assertThat(Policy.DEFAULT.withImage(unpinned).image()).isEqualTo(unpinned);
  }

  @Test
  void copiesItsKnobs() {
    Set<SeccompKnob> knobs = EnumSet.of(SeccompKnob.ALLOW_PERF);
    Policy policy =
        new Policy(
            "a",
            PINNED,
            false,
            PullPolicy.MISSING,
            Optional.empty(),
            false,
            knobs,
            Limits.DEFAULT,
            EgressPolicy.DEFAULT,
            Optional.empty(),
            PolicyMatch.NONE,
            Reactions.DEFAULT);
    knobs.clear();
    assertThat(policy.seccompKnobs()).containsExactly(SeccompKnob.ALLOW_PERF);
  }

  private static Policy policy(String name, ImageReference image, boolean requireDigest) {
    return new Policy(
        name,
        image,
        requireDigest,
        PullPolicy.MISSING,
        Optional.empty(),
        false,
        Set.of(),
        Limits.DEFAULT,
        EgressPolicy.DEFAULT,
        Optional.empty(),
        PolicyMatch.NONE,
        Reactions.DEFAULT);
  }
}
