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
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

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
   * Has an image in the first of several ways that works.
   *
   * @param asked ways that the job asks for; they count where the policy leaves it to the job
   * @param told takes lines about the ways that did not work
   * @throws EngineException where none works: why that is worth another try, if it is in any way
   */
  ImageFacts find(
      ImageReference name, List<PullPolicy> asked, JobRequest request, Consumer<String> told)
      throws EngineException {
    PullPolicy own = request.policy().pull();
    List<PullPolicy> ways = own == PullPolicy.MISSING && !asked.isEmpty() ? asked : List.of(own);
    EngineException failure = null;
    for (int i = 0; i < ways.size(); i++) {
      try {
        return find(name, ways.get(i), request);
      } catch (EngineException e) {
        failure = failure == null || failure instanceof EngineException.Missing ? e : failure;
        if (i + 1 < ways.size()) {
          told.accept(
              "pull "
                  + ways.get(i).word()
                  + ": "
                  + e.getMessage()
                  + "; trying "
                  + ways.get(i + 1).word());
        }
      }
    }
    throw Objects.requireNonNull(failure);
  }

  /**
   * Looks an image up, and fetches it where it may be. Mayfly's own base image is never looked for
   * in a registry: whoever owned that name there would own every job. What was fetched with a login
   * once is given to nobody whom the registry does not let in himself.
   */
  private ImageFacts find(ImageReference name, PullPolicy pull, JobRequest request)
      throws EngineException {
    if (name.fullName().equals(Policy.DEFAULT_IMAGE.fullName())) {
      return ours(name);
    }
    requireName(name);
    Optional<RegistryLogin> login = login(name, request.logins());
    String asker = request.job().project().orElse("") + " " + request.policy().name();
    if (pull == PullPolicy.ALWAYS || mustAsk(name, asker)) {
      return fetch(name, login, asker, pull);
    }
    try {
      return engine.image(name.withDefaultTag().toString());
    } catch (EngineException.Missing e) {
      return fetch(name, login, asker, pull);
    }
  }

  /**
   * Engines take an image's own id, and the beginning of one, for a name, too: that would give an
   * image to whoever guesses. The beginning alone has no tag, as every name that is looked up has.
   */
  private static void requireName(ImageReference name) throws EngineException {
    if (name.name().equals("sha256")) {
      throw new EngineException.Missing(
          "find image",
          name.toString(),
          "that is the id of an image, which does not tell who may have it",
          "write the image's name, or name@sha256:…",
          null);
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
              ? "it was fetched with a login, which this job has not shown, and the policy or the"
                  + " job says pull: never"
              : "the engine does not hold it, and the policy or the job says pull: never",
          "load it into the engine, or say pull: missing (in the job, if-not-present)",
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

  /** The one that says the most of the image's path; of those that say the same, the first. */
  private static Optional<RegistryLogin> login(ImageReference name, List<RegistryLogin> logins) {
    String image = name.fullName();
    return logins.stream()
        .filter(login -> login.isFor(image))
        .reduce((one, next) -> one.registry().length() < next.registry().length() ? next : one);
  }
}
