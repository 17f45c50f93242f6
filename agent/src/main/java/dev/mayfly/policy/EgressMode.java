package dev.mayfly.policy;

import java.util.Locale;

/** How wide a sandbox's way out is before rules widen it. */
public enum EgressMode {
  /** Any public host on TCP 443, and what rules allow. */
  HTTPS,
  /** What rules allow. */
  ALLOWLIST,
  /** No network device but loopback. */
  NONE,
  /** Everything but the refused ranges, recorded. */
  AUDIT;

  /** The word for it in the configuration. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
