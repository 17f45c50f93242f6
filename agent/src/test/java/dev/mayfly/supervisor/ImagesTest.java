package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.FakeEngine;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.PullPolicy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImagesTest {
  private static final ImageFacts IMAGE =
      new ImageFacts("sha256:" + "a".repeat(64), List.of(), "", Set.of());

  @Test
  void pullsOneTagOfANameWithoutOne() throws EngineException {
    FakeEngine engine = new FakeEngine().publishing("tool:latest", IMAGE);

    ImageFacts found = new Images(engine).find(ImageReference.parse("tool"), PullPolicy.MISSING);

    assertThat(found).isEqualTo(IMAGE);
    assertThat(engine.pulled()).containsExactly("tool:latest");
  }
}
