package dev.mayfly.runners;

import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A runner of GitLab's, which {@code gitlab-runner} asks for jobs.
 *
 * @param url of the GitLab instance, http or https
 * @param tokenFile holds the runner's authentication token
 * @param registryAuthFile holds the operator's own logins to registries, for images of its jobs
 * @param binary the gitlab-runner program of this host
 * @param user whose account it runs as; empty: a number that nobody else has
 * @param hosts what jobs need of the server beside the hosts of its own URLs
 * @param global further keys of config.toml
 * @param settings further keys of its {@code [[runners]]}
 */
public record GitLabConfig(
    URI url,
    Path tokenFile,
    Optional<Path> registryAuthFile,
    Program binary,
    Optional<String> user,
    List<EgressRule> hosts,
    Times times,
    Map<String, Object> global,
    Map<String, Object> settings) {

  /** Keys that are Mayfly's to write, and what to write instead. */
  private static final Map<String, String> OWN =
      Map.ofEntries(
          Map.entry("name", "it is the runner's name in Mayfly"),
          Map.entry("url", "gitlab.url is it"),
          Map.entry("token", "gitlab.token-file names the file that holds it"),
          Map.entry("executor", "Mayfly is the executor"),
          Map.entry("shell", "scripts run in the sandbox's bash"),
          Map.entry("custom", "Mayfly is the executor"),
          Map.entry("docker", "images, limits and volumes are the policy's"),
          Map.entry("machine", "Mayfly runs jobs on this host"),
          Map.entry("kubernetes", "Mayfly runs jobs on this host"),
          Map.entry("ssh", "Mayfly runs jobs on this host"),
          Map.entry("parallels", "Mayfly runs jobs on this host"),
          Map.entry("virtualbox", "Mayfly runs jobs on this host"),
          Map.entry("autoscaler", "Mayfly runs jobs on this host"),
          Map.entry("instance", "Mayfly runs jobs on this host"),
          Map.entry("builds_dir", "it is a directory of the sandbox"),
          Map.entry("cache_dir", "it is a directory of the sandbox"),
          Map.entry("limit", "slots is it"),
          Map.entry("concurrent", "slots is it"),
          Map.entry("shutdown_timeout", "gitlab.drain is it"),
          Map.entry("session_server", "there are no interactive terminals"),
          Map.entry("runners", "each runner is an entry of Mayfly's runners"));

  public GitLabConfig {
    String scheme = String.valueOf(url.getScheme());
    if (!Set.of("http", "https").contains(scheme)
        || url.getHost() == null
        || url.getUserInfo() != null
        || url.getQuery() != null
        || url.getFragment() != null) {
      throw new IllegalArgumentException(
          "url must be that of a GitLab instance, such as https://gitlab.example.org, not "
              + Quote.of(UrlText.withoutSecrets(url.toString())));
    }
    hosts = List.copyOf(hosts);
    global = ordered(global);
    settings = ordered(settings);
    refuseOwn("global", global);
    refuseOwn("settings", settings);
    ServerHosts.require(url, settings);
  }

  private static Map<String, Object> ordered(Map<String, Object> values) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  private static void refuseOwn(String where, Map<String, Object> given) {
    for (String key : new TreeSet<>(given.keySet())) {
      String instead = OWN.get(key);
      if (instead != null) {
        throw new IllegalArgumentException(
            where + " can't have " + Quote.of(key) + ": " + instead + "; delete it");
      }
    }
  }

  /**
   * A program of this host.
   *
   * @param digest {@code sha256:…} that it must have; empty: whatever it has
   */
  public record Program(Path path, Optional<String> digest) {
    public static final String DIGEST_PATTERN = "sha256:[0-9a-f]{64}";
    public static final Path GITLAB_RUNNER = Path.of("/usr/bin/gitlab-runner");
  }

  /**
   * How long things may take.
   *
   * @param stopGrace from the signal that ends a script to its end
   * @param drain jobs may go on when Mayfly is stopped
   */
  public record Times(Duration stopGrace, Duration drain) {
    public static final Range<Duration> STOP_GRACE =
        new Range<>(Duration.ofSeconds(1), Duration.ofMinutes(5));
    public static final Range<Duration> DRAIN =
        new Range<>(Duration.ofSeconds(1), Duration.ofDays(1));
    public static final Times DEFAULT = new Times(Duration.ofSeconds(10), Duration.ofMinutes(30));

    public Times {
      STOP_GRACE.require("stop-grace", stopGrace);
      DRAIN.require("drain", drain);
    }
  }

  /** The port of the instance's URL, said or not. */
  public int port() {
    return url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
  }

  /** Values below a table of settings, such as {@code cache.s3}. */
  static Map<?, ?> table(Map<String, Object> settings, String... path) {
    List<String> at = new ArrayList<>(List.of(path));
    Object value = settings;
    while (!at.isEmpty() && value instanceof Map<?, ?> map) {
      value = map.get(at.removeFirst());
    }
    return value instanceof Map<?, ?> map ? map : Map.of();
  }
}
