package dev.mayfly.policy;

/** Ports from the first to the last, both included; 1 to 65535. */
public record PortRange(int first, int last) {
  public static final PortRange HTTPS = of(443);

  public PortRange {
    if (first < 1 || last > 65535 || first > last) {
      throw new IllegalArgumentException(
          first
              + "-"
              + last
              + " is not a range of ports: write one from 1 to 65535, or FIRST-LAST");
    }
  }

  public static PortRange of(int port) {
    return new PortRange(port, port);
  }

  public boolean contains(int port) {
    return first <= port && port <= last;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
