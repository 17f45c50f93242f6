package dev.mayfly.supervisor;

import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import java.time.Duration;

/** Finds the images that jobs name. */
final class Images {
  private static final Duration PULL_LIMIT = Duration.ofMinutes(15);

  private final Engine engine;

  Images(Engine engine) {
    this.engine = engine;
  }

  /**
   * Looks an image up, and fetches it where the policy says so. Mayfly's own base image is never
   * looked for in a registry: whoever owned that name there would own every job.
   */
  ImageFacts find(ImageReference name, PullPolicy pull) throws EngineException {
    try {
      return engine.image(name.toString());
    } catch (EngineException.Missing e) {
      if (name.name().equals(Policy.DEFAULT_IMAGE.name())) {
        throw new EngineException(
            "find image",
            name.toString(),
            "the engine does not hold it",
            "make it with packaging/image/mayfly-base",
            e);
      }
      if (pull == PullPolicy.NEVER) {
        throw new EngineException(
            "find image",
            name.toString(),
            "the engine does not hold it, and the policy says pull: never",
            "load it into the engine, or say pull: missing",
            e);
      }
      String pulled = name.withDefaultTag().toString();
      engine.pull(pulled, PULL_LIMIT);
      return engine.image(pulled);
    }
  }
}
