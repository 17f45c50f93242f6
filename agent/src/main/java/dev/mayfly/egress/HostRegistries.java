package dev.mayfly.egress;

import dev.mayfly.policy.EgressRule;
import java.util.List;
import java.util.Map;

/** The package registries that this host's own clients are configured to use. */
public final class HostRegistries {
  /** The groups that stand for them. */
  public static final List<String> GROUPS = List.of("@npm", "@pypi", "@maven", "@apt", "@images");

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
   * @param problems files that could not be read, and lines that could not be understood
   */
  public record Reading(Map<String, List<Found>> hosts, List<String> problems) {
    public static final Reading NOTHING = new Reading(Map.of(), List.of());

    public Reading {
      hosts = Map.copyOf(hosts);
      problems = List.copyOf(problems);
    }
  }
}
