package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.FakeEngine;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.PullPolicy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
  private static final String NAME = "registry.example:5000/ci/build:v1";
  private static final ImageFacts IMAGE =
      new ImageFacts("sha256:" + "a".repeat(64), List.of(), "", Set.of());

  private final FakeEngine engine = new FakeEngine();
  private final Images images = new Images(engine);

  private ImageFacts find(String name, PullPolicy pull) throws EngineException {
    return images.find(ImageReference.parse(name), pull);
  }

  @ParameterizedTest
  @EnumSource(PullPolicy.class)
  void asksNoRegistryForWhatTheEngineHolds(PullPolicy pull) throws EngineException {
    engine.holding(NAME, IMAGE);
    assertThat(find(NAME, pull)).isEqualTo(IMAGE);
    assertThat(engine.pulled()).isEmpty();
  }

  @Test
  void fetchesWhatIsMissing() throws EngineException {
    engine.publishing(NAME, IMAGE);
    assertThat(find(NAME, PullPolicy.MISSING)).isEqualTo(IMAGE);
    assertThat(find(NAME, PullPolicy.MISSING)).isEqualTo(IMAGE);
    assertThat(engine.pulled()).containsExactly(NAME);
  }

  @Test
  void fetchesNothingWhereThePolicySaysNever() {
    engine.publishing(NAME, IMAGE);
    assertThatThrownBy(() -> find(NAME, PullPolicy.NEVER))
        .isInstanceOf(EngineException.class)
        .hasMessage(
            "find image "
                + NAME
                + ": the engine does not hold it, and the policy says pull: never; load it into the"
                + " engine, or say pull: missing");
    assertThat(engine.pulled()).isEmpty();
  }

  /** Whoever owned that name in a registry would own every job. */
  @ParameterizedTest
  @ValueSource(strings = {"mayfly-base", "mayfly-base:latest", "mayfly-base:v2"})
  void neverLooksForMayflysOwnImageInARegistry(String name) {
    engine.publishing(name, IMAGE);
    for (PullPolicy pull : PullPolicy.values()) {
      assertThatThrownBy(() -> find(name, pull))
          .isInstanceOf(EngineException.class)
          .hasMessage(
              "find image "
                  + name
                  + ": the engine does not hold it; make it with packaging/image/mayfly-base");
    }
    assertThat(engine.pulled()).isEmpty();
  }

  @Test
  void neverLooksForMayflysOwnImageByDigestEither() {
    String pinned = "mayfly-base@sha256:" + "b".repeat(64);
    engine.publishing(pinned, IMAGE);
    assertThatThrownBy(() -> find(pinned, PullPolicy.MISSING)).isInstanceOf(EngineException.class);
    assertThat(engine.pulled()).isEmpty();
  }

  @Test
  void tellsWhatARegistryDoesNotHave() {
    assertThatThrownBy(() -> find(NAME, PullPolicy.MISSING))
        .isInstanceOf(EngineException.Missing.class)
        .hasMessageStartingWith("pull image " + NAME);
  }

  @Test
  void pullsOneTagOfANameWithoutOne() throws EngineException {
    FakeEngine engine = new FakeEngine().publishing("tool:latest", IMAGE);

    ImageFacts found = new Images(engine).find(ImageReference.parse("tool"), PullPolicy.MISSING);

    assertThat(found).isEqualTo(IMAGE);
    assertThat(engine.pulled()).containsExactly("tool:latest");
  }
}
