package dev.mayfly.policy;

import java.util.Locale;

/** What is done about images that the engine holds, and does not. */
public enum PullPolicy {
  /** Fetched from the registry that its name tells, where the engine does not hold it. */
  MISSING,
  /** The job is refused, where the engine does not hold it. */
  NEVER,
  /** The registry is asked each time. */
  ALWAYS;

  /** The word for it in the configuration. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
