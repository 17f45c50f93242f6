package dev.mayfly.runners;

import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Quote;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What every job of a runner has to reach: the instance, the repository, the cache. */
public final class ServerHosts {
  private static final String AMAZON = "s3.amazonaws.com";

  /** What a bucket can be named to be part of a host's name, and no more than one label of it. */
  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

  private static final String BUCKET = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";

  private final Map<String, Object> settings;
  private final Set<EgressRule> rules = new LinkedHashSet<>();

  private ServerHosts(Map<String, Object> settings) {
    this.settings = settings;
  }

  /**
   * The hosts, as rules that are exact. Those that are this machine's own loopback are left out: a
   * sandbox has one of its own.
   *
   * @param cloneUrl of the job's repository
   */
  public static List<EgressRule> of(GitLabConfig gitlab, Optional<URI> cloneUrl) {
    ServerHosts hosts = new ServerHosts(gitlab.settings());
    hosts.add("url names", gitlab.url());
    cloneUrl.ifPresent(url -> hosts.add("the repository's URL names", url));
    hosts.addSettings();
    List<EgressRule> all = new ArrayList<>(hosts.rules);
    all.addAll(gitlab.hosts());
    return List.copyOf(all);
  }

  /**
   * Refuses what no job could have its hosts of.
   *
   * @throws IllegalArgumentException with cause and remedy
   */
  static void require(URI url, Map<String, Object> settings) {
    ServerHosts hosts = new ServerHosts(settings);
    hosts.add("url names", url);
    hosts.addSettings();
  }

  private void addSettings() {
    if (settings.get("clone_url") instanceof String text) {
      add("settings have with clone_url", cloneUrl(text));
    }
    Map<?, ?> cache = GitLabConfig.table(settings, "cache");
    switch (String.valueOf(cache.get("Type"))) {
      case "s3" -> s3(GitLabConfig.table(settings, "cache", "s3"));
      case "gcs" -> add("settings have with the cache", "storage.googleapis.com:443");
      case "azure" -> azure(GitLabConfig.table(settings, "cache", "azure"));
      default -> {}
    }
  }

  private static URI cloneUrl(String text) {
    try {
      URI url = URI.create(text);
      if (url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw noCloneUrl(text); // Its message would have all of it.
    }
    throw noCloneUrl(text);
  }

  private static IllegalArgumentException noCloneUrl(String text) {
    return new IllegalArgumentException(
        "settings have a clone_url, "
            + Quote.of(UrlText.withoutSecrets(text))
            + ", that names no host: write it as https://gitlab.example.org");
  }

  private void add(String where, URI url) {
    int port = url.getPort() >= 0 ? url.getPort() : "http".equals(url.getScheme()) ? 80 : 443;
    add(where, url.getHost().toLowerCase(Locale.ROOT) + ":" + port);
  }

  /**
   * @param where begins with the key of the configuration, for messages
   */
  private void add(String where, String host) {
    if (host.matches("(localhost|127\\..*|\\[::1\\]|0\\.0\\.0\\.0):[0-9]+")) {
      return;
    }
    try {
      rules.add(EgressRule.parse(host));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          where + " a host that jobs can't be let to: " + e.getMessage(), e);
    }
  }

  /** Buckets are below the server's name, or in its path, as gitlab-runner's client has it. */
  private void s3(Map<?, ?> s3) {
    boolean amazon = !(s3.get("ServerAddress") instanceof String its) || its.isBlank();
    String server = amazon ? AMAZON : String.valueOf(s3.get("ServerAddress"));
    boolean plain = Boolean.TRUE.equals(s3.get("Insecure"));
    String port = plain ? ":80" : ":443";
    String at = server.matches(".*:[0-9]+") ? server : server + port;
    add("settings have with ServerAddress", at);
    if (!(s3.get("BucketName") instanceof String bucket) || server.matches("[0-9.:\\[\\]]+")) {
      return;
    }
    requireBucket(bucket);
    boolean inPath = !bucket.matches(LABEL) || Boolean.TRUE.equals(s3.get("PathStyle"));
    String below = inPath ? "" : bucket + ".";
    add("settings have with BucketName", below + at);
    if (amazon && s3.get("BucketLocation") instanceof String region && !region.isBlank()) {
      add("settings have with BucketLocation", below + "s3." + region + ".amazonaws.com" + port);
      add(
          "settings have with BucketLocation",
          below + "s3.dualstack." + region + ".amazonaws.com" + port);
    }
  }

  /** In a path or a name, a client would make something else of any other. */
  private static void requireBucket(String bucket) {
    if (!bucket.matches(BUCKET) || bucket.contains("..")) {
      throw new IllegalArgumentException(
          "settings have a BucketName, "
              + Quote.of(bucket)
              + ", that is no bucket's: write at most 63 letters, digits, '-', '_' and single '.',"
              + " a letter or digit first and last");
    }
  }

  private void azure(Map<?, ?> azure) {
    if (azure.get("AccountName") instanceof String account) {
      Object domain = azure.get("StorageDomain");
      add(
          "settings have with AccountName",
          account + "." + (domain instanceof String its ? its : "blob.core.windows.net") + ":443");
    }
  }
}
