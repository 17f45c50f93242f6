package dev.mayfly.policy;

import java.util.List;
import java.util.Optional;

/**
 * Which images jobs may name, as they write them: {@code name[:tag][@digest]}.
 *
 * @param allow patterns of them; empty: every one
 * @param services the same for services
 */
public record ImageScope(Optional<List<Glob>> allow, Optional<List<Glob>> services) {
  /** What is in force where the configuration says nothing. */
  public static final ImageScope EVERY = new ImageScope(Optional.empty(), Optional.empty());

  public ImageScope {
    allow = allow.map(List::copyOf);
    services = services.map(List::copyOf);
  }

  boolean allows(ImageReference image) {
    return matches(allow, image);
  }

  boolean allowsAsService(ImageReference image) {
    return matches(services, image);
  }

  private static boolean matches(Optional<List<Glob>> patterns, ImageReference image) {
    return patterns
        .map(all -> all.stream().anyMatch(pattern -> pattern.matches(image.toString())))
        .orElse(true);
  }
}
