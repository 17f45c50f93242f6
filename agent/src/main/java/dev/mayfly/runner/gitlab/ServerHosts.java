package dev.mayfly.runner.gitlab;

import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Quote;
import dev.mayfly.runners.GitLabConfig;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What every job of a runner has to reach: the instance, the repository, the cache. */
final class ServerHosts {
  private ServerHosts() {}

  /**
   * The hosts, as rules that are exact. Those that are this machine's own loopback are left out: a
   * sandbox has one of its own.
   *
   * @param cloneUrl of the job's repository
   */
  static List<EgressRule> of(GitLabConfig gitlab, Optional<URI> cloneUrl) {
    Set<String> hosts = new LinkedHashSet<>();
    hosts.add(host(gitlab.url()));
    cloneUrl.ifPresent(url -> hosts.add(host(url)));
    if (gitlab.settings().get("clone_url") instanceof String url) {
      hosts.add(cloneHost(url));
    }
    cache(gitlab, hosts);
    List<EgressRule> rules =
        new ArrayList<>(
            hosts.stream().filter(ServerHosts::isElsewhere).map(EgressRule::parse).toList());
    rules.addAll(gitlab.hosts());
    return List.copyOf(rules);
  }

  private static String host(URI url) {
    int port = url.getPort() >= 0 ? url.getPort() : "http".equals(url.getScheme()) ? 80 : 443;
    return url.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }

  private static String cloneHost(String text) {
    URI url = URI.create(text);
    if (url.getHost() == null) {
      throw new IllegalArgumentException(
          "gitlab.settings: clone_url "
              + Quote.of(text)
              + " names no host: write it as https://gitlab.example.org");
    }
    return host(url);
  }

  private static boolean isElsewhere(String host) {
    return !host.matches("(localhost|127\\..*|\\[::1\\]|0\\.0\\.0\\.0):[0-9]+");
  }

  /** Where the runner's distributed cache is, as its own configuration has it. */
  private static void cache(GitLabConfig gitlab, Set<String> hosts) {
    Object type = gitlab.table("cache").get("Type");
    if ("s3".equals(type)) {
      Map<?, ?> s3 = gitlab.table("cache", "s3");
      Object address = s3.get("ServerAddress");
      boolean plain = Boolean.TRUE.equals(s3.get("Insecure"));
      String server = address instanceof String its && !its.isBlank() ? its : "s3.amazonaws.com";
      String at = server.matches(".*:[0-9]+") ? server : server + (plain ? ":80" : ":443");
      hosts.add(at);
      if (s3.get("BucketName") instanceof String bucket && !server.matches("[0-9.:\\[\\]]+")) {
        hosts.add(bucket + "." + at);
        if (s3.get("BucketLocation") instanceof String region && address == null) {
          hosts.add(bucket + ".s3." + region + ".amazonaws.com:443");
          hosts.add(bucket + ".s3.dualstack." + region + ".amazonaws.com:443");
        }
      }
    } else if ("gcs".equals(type)) {
      hosts.add("storage.googleapis.com:443");
    } else if ("azure".equals(type)
        && gitlab.table("cache", "azure").get("AccountName") instanceof String account) {
      Object domain = gitlab.table("cache", "azure").get("StorageDomain");
      hosts.add(
          account + "." + (domain instanceof String its ? its : "blob.core.windows.net") + ":443");
    }
  }
}
