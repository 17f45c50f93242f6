package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageScopeTest {
  private static Policy policy(ImageScope images) {
    Policy absent = Policy.DEFAULT;
    return new Policy(
        absent.name(),
        absent.image(),
        absent.requireDigest(),
        absent.pull(),
        absent.identity(),
        absent.readOnlyRoot(),
        absent.seccompKnobs(),
        absent.limits(),
        absent.egress(),
        absent.monitor(),
        absent.match(),
        absent.onFinding(),
        absent.secrets(),
        absent.idTokens(),
        images);
  }

  private static Optional<List<Glob>> globs(String... patterns) {
    return Optional.of(List.of(patterns).stream().map(Glob::new).toList());
  }

  private static final Policy LISTED =
      policy(new ImageScope(globs("node:*", "registry.example.org/**"), globs("postgres:16")));

  @ParameterizedTest
  @ValueSource(
      strings = {"node:22", "registry.example.org/a", "registry.example.org/a/b:1", "mayfly-base"})
  void acceptsWhatIsListedAndThePolicysOwn(String image) {
    assertThat(LISTED.objectionTo(ImageReference.parse(image))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "node",
        "evil/node:22",
        "docker.io/library/node:22",
        "registry.example.org.evil.test/a",
        "mayfly-base:other",
        "postgres:16"
      })
  void refusesWhatIsNot(String image) {
    assertThat(LISTED.objectionTo(ImageReference.parse(image)))
        .contains(
            "policy default does not accept image %s; to accept it, add \"%s\" to images.allow"
                .formatted(image, image));
  }

  @Test
  void hasAListOfItsOwnForServices() {
    assertThat(LISTED.objectionToService(ImageReference.parse("postgres:16"))).isEmpty();
    assertThat(LISTED.objectionToService(ImageReference.parse("node:22")))
        .contains(
            "policy default does not accept image node:22; to accept it, add \"node:22\" to"
                + " images.services");
    assertThat(
            policy(new ImageScope(Optional.empty(), globs()))
                .objectionToService(ImageReference.parse("mayfly-base")))
        .isPresent();
  }

  @Test
  void acceptsEveryImageWhereNothingIsSaid() {
    ImageReference any = ImageReference.parse("whatever.example/x:1");
    assertThat(Policy.DEFAULT.objectionTo(any)).isEmpty();
    assertThat(Policy.DEFAULT.objectionToService(any)).isEmpty();
  }
}
