package dev.mayfly.policy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the ID tokens of a job must be like.
 *
 * @param maxLifetime from their issue to their expiry
 * @param audiences patterns of whom they may be for; empty: anybody who is named
 * @param jwksFile holds the keys of whom they are signed by; empty: signatures are not looked at
 */
public record IdTokenPolicy(Duration maxLifetime, List<Glob> audiences, Optional<Path> jwksFile) {
  public static final Range<Duration> MAX_LIFETIME =
      new Range<>(Duration.ofSeconds(1), Duration.ofDays(30));

  /** What is in force where the configuration says nothing. */
  public static final IdTokenPolicy DEFAULT =
      new IdTokenPolicy(Duration.ofHours(1), List.of(), Optional.empty());

  public IdTokenPolicy {
    MAX_LIFETIME.require("max-lifetime", maxLifetime);
    audiences = List.copyOf(audiences);
  }
}
