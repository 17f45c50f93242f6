package dev.mayfly.engine;

import java.util.Locale;

/**
 * What a registry lets somebody in with. Its text does not hold the password.
 *
 * @param registry host, with its port where one is named, and the path below which it is for, where
 *     it is not for all; of a URL, the host alone, as Docker has it
 */
public record RegistryLogin(String registry, String user, String password) {
  private static final String HUB = "docker.io";
  private static final String SCHEME = "(?i)^https?://";

  public RegistryLogin {
    registry = scope(registry.strip());
  }

  private static String scope(String written) {
    String bare = written.replaceFirst(SCHEME, "");
    String scope = withLowerCaseHost(bare.replaceFirst("/+$", ""));
    String host = hostOf(scope);
    String path = bare.equals(written) ? scope.substring(host.length()) : "";
    return (host.equals("index." + HUB) ? HUB : host) + path;
  }

  private static String withLowerCaseHost(String path) {
    String host = hostOf(path);
    return host.toLowerCase(Locale.ROOT) + path.substring(host.length());
  }

  private static String hostOf(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  /** The host, with its port where one is named. */
  public String host() {
    return hostOf(registry);
  }

  /**
   * Whether it is for an image.
   *
   * @param image with its registry, without tag and digest
   */
  public boolean isFor(String image) {
    String path = withLowerCaseHost(image);
    return path.equals(registry) || path.startsWith(registry + "/");
  }

  @Override
  public String toString() {
    return user + " at " + registry;
  }
}
