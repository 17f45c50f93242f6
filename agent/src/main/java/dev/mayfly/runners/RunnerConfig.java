package dev.mayfly.runners;

import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import java.util.Optional;

/**
 * One connection to a CI server.
 *
 * @param slots how many of its jobs run at once
 * @param warm how many sandboxes are made ahead of time
 * @param policy name of the policy for jobs that no policy's match accepts
 */
public record RunnerConfig(
    String name, GitLabConfig gitlab, int slots, int warm, Optional<String> policy) {
  /** Short enough that the path of a socket with it is one that unix(7) takes. */
  public static final String NAME_PATTERN = "[a-z0-9][a-z0-9-]{0,31}";

  public static final Range<Integer> SLOTS = new Range<>(1, 500);
  public static final Range<Integer> WARM = new Range<>(0, 100);

  public RunnerConfig {
    requireName(name);
    SLOTS.require("slots", slots);
    WARM.require("warm", warm);
  }

  /**
   * The name, where it is one that a runner can have.
   *
   * @throws IllegalArgumentException where it is not
   */
  public static String requireName(String name) {
    if (!name.matches(NAME_PATTERN)) {
      throw new IllegalArgumentException(
          Quote.of(name)
              + " is not a runner's name: use lower-case letters, digits and '-', at most 32, a"
              + " letter or digit first");
    }
    return name;
  }
}
