package dev.mayfly.nftables;

import java.util.Locale;
import java.util.Optional;

/** What the table's rules call a packet that they log. */
public enum LogPrefix {
  /** Nothing allows it. */
  REFUSED,
  /** The supervisor has not renewed its sign of life. */
  LATE,
  /** By a connection whose rule's budget is used up. */
  SPENT,
  /** With more connections open than a sandbox may have. */
  CROWDED,
  /** From an address that is not the sandbox's. */
  SPOOFED,
  /** The first one of a connection that a rule or the mode allows. */
  ALLOWED,
  /** The first one of a connection that is let through to be recorded. */
  RECORDED;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<LogPrefix> of(String word) {
    for (LogPrefix prefix : values()) {
      if (prefix.word().equals(word)) {
        return Optional.of(prefix);
      }
    }
    return Optional.empty();
  }
}
