package dev.mayfly.policy;

import java.util.Locale;

/** Whether an image that the engine does not hold is fetched from its registry. */
public enum PullPolicy {
  MISSING,
  NEVER;

  /** The word for it in the configuration. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
