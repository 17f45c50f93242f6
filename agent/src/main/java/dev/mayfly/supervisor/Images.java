package dev.mayfly.supervisor;

import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.engine.RegistryLogin;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Finds the images that jobs name. */
final class Images {
  private static final Duration PULL_LIMIT = Duration.ofMinutes(15);

  private final Engine engine;
  private final PrivateImages restricted;

  Images(Engine engine, PrivateImages restricted) {
    this.engine = engine;
    this.restricted = restricted;
  }

  /**
   * Looks an image up, and fetches it where the policy says so. Mayfly's own base image is never
   * looked for in a registry: whoever owned that name there would own every job. What was fetched
   * with a login once is given to nobody whom the registry does not let in himself.
   */
  ImageFacts find(ImageReference name, JobRequest request) throws EngineException {
    if (name.name().equals(Policy.DEFAULT_IMAGE.name())) {
      return ours(name);
    }
    PullPolicy pull = request.policy().pull();
    Optional<RegistryLogin> login = login(name, request.logins());
    String asker = request.job().project().orElse("") + " " + request.policy().name();
    if (pull == PullPolicy.ALWAYS || mustAsk(name, asker)) {
      return fetch(name, login, asker, pull);
    }
    try {
      return engine.image(name.toString());
    } catch (EngineException.Missing e) {
      return fetch(name, login, asker, pull);
    }
  }

  private boolean mustAsk(ImageReference name, String asker) throws EngineException {
    return restricted.holds(name) && !restricted.isFor(name, asker);
  }

  private ImageFacts ours(ImageReference name) throws EngineException {
    try {
      return engine.image(name.toString());
    } catch (EngineException.Missing e) {
      throw new EngineException(
          "find image",
          name.toString(),
          "the engine does not hold it",
          "make it with packaging/image/mayfly-base",
          e);
    }
  }

  private ImageFacts fetch(
      ImageReference name, Optional<RegistryLogin> login, String asker, PullPolicy pull)
      throws EngineException {
    if (pull == PullPolicy.NEVER) {
      throw new EngineException.Missing(
          "find image",
          name.toString(),
          restricted.holds(name)
              ? "it was fetched with a login, which this job has not shown, and the policy says pull:"
                  + " never"
              : "the engine does not hold it, and the policy says pull: never",
          "load it into the engine, or say pull: missing",
          null);
    }
    String pulled = name.withDefaultTag().toString();
    if (login.isPresent()) {
      restricted.add(name);
    }
    engine.pull(pulled, login, PULL_LIMIT);
    restricted.allow(name, asker);
    return engine.image(pulled);
  }

  private static Optional<RegistryLogin> login(ImageReference name, List<RegistryLogin> logins) {
    return logins.stream().filter(login -> login.registry().equals(name.registry())).findFirst();
  }
}
