package dev.mayfly.policy;

import java.util.Locale;

/** Whether a sandbox is watched. */
public enum MonitorMode {
  /** The job is refused where it can't be. */
  REQUIRED,
  /** As well as the host can; the report says what was missing. */
  BEST,
  /** Not at all. */
  OFF;

  /** The word for it in the configuration. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
