package dev.mayfly.egress;

import dev.mayfly.egress.HostFiles.Named;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Quote;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The package registries that this host's own clients are configured to use. */
public final class HostRegistries {
  /** The groups that stand for them. */
  public static final List<String> GROUPS = List.of("@npm", "@pypi", "@maven", "@apt", "@images");

  private static final Pattern URL =
      Pattern.compile("(?:mirror\\+)?(https?)://(?:[^/@\\s]*@)?([^/?#\\s]+)(?:[/?#].*)?");
  private static final Pattern PORT = Pattern.compile(".*:[0-9]+");

  private HostRegistries() {}

  /**
   * A registry's host.
   *
   * @param source the file or variable that names it
   */
  public record Found(EgressRule rule, String source) {}

  /**
   * What was read.
   *
   * @param hosts by group
   * @param problems files that could not be read, and places that no sandbox can reach
   */
  public record Reading(Map<String, List<Found>> hosts, List<String> problems) {
    public static final Reading NOTHING = new Reading(Map.of(), List.of());

    public Reading {
      hosts = Map.copyOf(hosts);
      problems = List.copyOf(problems);
    }
  }

  /**
   * Reads the configuration of npm, pip, Maven, apt and container engines. A client's own built-in
   * default is not known here: a group whose client is not configured is empty.
   *
   * @param root what stands for {@code /}
   * @param home of the user who runs the clients; absolute, below the root
   */
  public static Reading read(Path root, String home, Map<String, String> environment) {
    HostFiles files = new HostFiles(root, home, environment);
    Map<String, List<Named>> named = new LinkedHashMap<>();
    named.put("@npm", NpmConfig.read(files));
    named.put("@pypi", PipConfig.read(files));
    named.put("@maven", MavenSettings.read(files));
    named.put("@apt", AptSources.read(files));
    named.put("@images", ImageRegistries.read(files));
    Map<String, List<Found>> hosts = new LinkedHashMap<>();
    named.forEach((group, places) -> hosts.put(group, hosts(places, files)));
    return new Reading(hosts, files.problems());
  }

  private static List<Found> hosts(List<Named> places, HostFiles files) {
    Map<String, Found> found = new LinkedHashMap<>();
    for (Named place : places) {
      rule(place, files)
          .ifPresent(rule -> found.putIfAbsent(rule.meaning(), new Found(rule, place.source())));
    }
    return new ArrayList<>(found.values());
  }

  private static Optional<EgressRule> rule(Named place, HostFiles files) {
    Matcher url = URL.matcher(place.url());
    if (!url.matches()) {
      files.problem(
          place.source()
              + " names "
              + Quote.of(withoutSecret(place.url()))
              + ", which is no http or https URL");
      return Optional.empty();
    }
    String host = url.group(2);
    String entry =
        PORT.matcher(host).matches() ? host : host + (url.group(1).equals("http") ? ":80" : ":443");
    if (host.equals("localhost") || host.startsWith("localhost:")) {
      files.problem(place.source() + " names localhost, which is the sandbox itself to a job");
      return Optional.empty();
    }
    try {
      return Optional.of(EgressRule.parse(entry));
    } catch (IllegalArgumentException e) {
      files.problem(place.source() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A URL may hold a password. */
  private static String withoutSecret(String url) {
    return url.replaceFirst("//[^/]*@", "//…@");
  }
}
