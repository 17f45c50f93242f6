package dev.mayfly.monitor;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What proc(5) tells of a process in its files stat and status. A process names itself, with any
 * bytes, but none of them makes a field.
 *
 * @param start nanoseconds of CLOCK_BOOTTIME, in hundredths of a second
 * @param uid effective
 * @param gid effective
 * @param capabilities effective ones, a bit each
 * @param pidLevel how many pid name spaces are above its own
 */
record ProcessFacts(
    String name,
    int parent,
    int session,
    long start,
    int uid,
    int gid,
    long capabilities,
    int pidLevel) {
  /** USER_HZ, which is 100 on all architectures of today. */
  private static final long TICK = 10_000_000L;

  private static final int PARENT = 1;
  private static final int SESSION = 3;
  private static final int START = 19;

  /** Empty where that is not what the kernel writes. */
  static Optional<ProcessFacts> of(byte[] stat, byte[] status) {
    try {
      String line = new String(stat, StandardCharsets.ISO_8859_1);
      int open = line.indexOf('(');
      int close = line.lastIndexOf(')');
      String[] fields = line.substring(close + 2).stripTrailing().split(" ", -1);
      String rest = new String(status, StandardCharsets.ISO_8859_1);
      return Optional.of(
          new ProcessFacts(
              ForeignText.of(stat, open + 1, close),
              Integer.parseInt(fields[PARENT]),
              Integer.parseInt(fields[SESSION]),
              Long.parseLong(fields[START]) * TICK,
              Integer.parseUnsignedInt(fields(rest, "\nUid:")[1]),
              Integer.parseUnsignedInt(fields(rest, "\nGid:")[1]),
              Long.parseUnsignedLong(fields(rest, "\nCapEff:")[0], 16),
              fields(rest, "\nNSpid:").length - 1));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  /** The values behind a key; the first line is the process's own name, with newlines escaped. */
  private static String[] fields(String status, String key) {
    int start = status.indexOf(key);
    if (start < 0) {
      throw new IllegalArgumentException(key);
    }
    int end = status.indexOf('\n', start + 1);
    return status
        .substring(start + key.length(), end < 0 ? status.length() : end)
        .strip()
        .split("\t");
  }
}
