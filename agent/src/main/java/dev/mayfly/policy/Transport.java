package dev.mayfly.policy;

import java.util.Locale;

/** A transport protocol that rules can name. */
public enum Transport {
  TCP,
  UDP;

  /** The word for it in the configuration and in nftables. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
