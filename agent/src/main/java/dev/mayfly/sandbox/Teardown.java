package dev.mayfly.sandbox;

import java.util.List;

/**
 * What was found when, after a sandbox was destroyed, everything was looked for that it could have
 * left.
 *
 * @param leftovers what is still there, for a person; empty where nothing is
 */
public record Teardown(List<String> leftovers) {
  public Teardown {
    leftovers = List.copyOf(leftovers);
  }

  /** Whether everything was looked at and nothing is left. */
  public boolean verified() {
    return leftovers.isEmpty();
  }
}
