package dev.mayfly.runner.gitlab;

import java.util.Locale;
import java.util.Map;

/**
 * What images must be made for, as the OCI image specification names it.
 *
 * @param architecture such as {@code amd64}
 */
record HostPlatform(String architecture) {
  private static final String SYSTEM = "linux";

  /** What others call an architecture. */
  private static final Map<String, String> NAMES =
      Map.of("x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64");

  /** This host's. */
  static final HostPlatform OWN = new HostPlatform(System.getProperty("os.arch"));

  HostPlatform {
    architecture = named(architecture);
  }

  private static String named(String architecture) {
    String lower = architecture.toLowerCase(Locale.ROOT);
    return NAMES.getOrDefault(lower, lower);
  }

  /**
   * Whether it is what a job asks for.
   *
   * @param asked {@code SYSTEM/ARCHITECTURE[/VARIANT]}, or one of the first two; nothing: any
   */
  boolean matches(String asked) {
    String[] parts = asked.strip().split("/", -1);
    if (parts.length == 1) {
      return parts[0].isEmpty()
          || parts[0].equalsIgnoreCase(SYSTEM)
          || named(parts[0]).equals(architecture);
    }
    return parts.length <= 3
        && parts[0].equalsIgnoreCase(SYSTEM)
        && named(parts[1]).equals(architecture);
  }

  @Override
  public String toString() {
    return SYSTEM + "/" + architecture;
  }
}
