package dev.mayfly.policy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports from the first to the last, both included; 1 to 65535. */
public record PortRange(int first, int last) {
  public static final PortRange HTTPS = of(443);

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

  public PortRange {
    if (first < 1 || last > 65535 || first > last) {
      throw notPorts(first == last ? Integer.toString(first) : first + "-" + last);
    }
  }

  /**
   * Reads {@code PORT} or {@code FIRST-LAST}.
   *
   * @throws IllegalArgumentException where the text is neither
   */
  public static PortRange parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw notPorts(text);
    }
    int first = Integer.parseInt(matcher.group(1));
    return new PortRange(
        first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
  }

  private static IllegalArgumentException notPorts(String text) {
    return new IllegalArgumentException(
        Quote.of(text) + " is not a port: write one from 1 to 65535, or FIRST-LAST");
  }

  public static PortRange of(int port) {
    return new PortRange(port, port);
  }

  /** How many ports it has. */
  public int count() {
    return last - first + 1;
  }

  public boolean contains(int port) {
    return first <= port && port <= last;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
