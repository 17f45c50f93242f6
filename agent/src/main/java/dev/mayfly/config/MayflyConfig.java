package dev.mayfly.config;

import dev.mayfly.job.Job;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.Quote;
import dev.mayfly.runners.RunnerConfig;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@code mayfly.yaml} says.
 *
 * @param stateDir absolute; what Mayfly must remember while it runs
 * @param reportDir absolute; where reports of jobs are written
 * @param egressGroups the operator's own groups, which come before those of the same name that
 *     Mayfly has; no groups in them
 * @param detectionsDir absolute; a folder of the operator's own detections
 * @param policies in the order of the file; names are unique; {@link Policy#DEFAULT_NAME} is always
 *     among them
 * @param runners their names are unique, and the policies that they name exist
 */
public record MayflyConfig(
    EngineConfig engine,
    Path stateDir,
    Path reportDir,
    NetworkConfig network,
    Map<String, List<EgressRule>> egressGroups,
    Optional<Path> detectionsDir,
    List<Policy> policies,
    List<RunnerConfig> runners) {
  private static final Path STATE_DIR = Path.of("/var/lib/mayfly");

  /** What holds where there is no configuration. */
  public static final MayflyConfig DEFAULT =
      new MayflyConfig(
          EngineConfig.DEFAULT,
          STATE_DIR,
          reportDirIn(STATE_DIR),
          NetworkConfig.DEFAULT,
          Map.of(),
          Optional.empty(),
          List.of(Policy.DEFAULT),
          List.of());

  public MayflyConfig {
    boolean hasDefault = policies.stream().anyMatch(p -> p.name().equals(Policy.DEFAULT_NAME));
    policies =
        hasDefault
            ? List.copyOf(policies)
            : Stream.concat(Stream.of(Policy.DEFAULT), policies.stream()).toList();
    if (policies.stream().map(Policy::name).distinct().count() < policies.size()) {
      throw new IllegalArgumentException("policies must have different names");
    }
    for (Policy policy : policies) {
      for (EgressRule rule : policy.egress().allow()) {
        if (rule instanceof EgressRule.ToRange to && network.subnet().contains(to.range())) {
          throw new IllegalArgumentException(
              "policies can't open the sandboxes' own network "
                  + network.subnet()
                  + ": delete "
                  + Quote.of(rule.text())
                  + " from egress.allow of "
                  + policy.name()
                  + ", or choose another network.subnet");
        }
      }
    }
    runners = List.copyOf(runners);
    requireRunners(policies, runners);
    egressGroups =
        Collections.unmodifiableMap(
            egressGroups.entrySet().stream()
                .collect(
                    Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> List.copyOf(entry.getValue()),
                        (one, _) -> one,
                        LinkedHashMap::new)));
  }

  private static void requireRunners(List<Policy> policies, List<RunnerConfig> runners) {
    if (runners.stream().map(RunnerConfig::name).distinct().count() < runners.size()) {
      throw new IllegalArgumentException("runners must have different names");
    }
    for (RunnerConfig runner : runners) {
      runner
          .policy()
          .ifPresent(
              name -> {
                if (policies.stream().noneMatch(policy -> policy.name().equals(name))) {
                  throw new IllegalArgumentException(
                      "runners name a policy that there is none of: "
                          + runner.name()
                          + " has policy: "
                          + name
                          + ", the policies are "
                          + policies.stream().map(Policy::name).collect(Collectors.joining(", ")));
                }
              });
    }
  }

  /** Where reports go if only the state directory is named. */
  static Path reportDirIn(Path stateDir) {
    return stateDir.resolve("reports");
  }

  /**
   * The first policy that is for a job.
   *
   * @param otherwise name of the policy where none is
   */
  public Policy policyFor(Job job, String otherwise) {
    return policies.stream()
        .filter(policy -> policy.match().accepts(job))
        .findFirst()
        .orElseGet(() -> policy(otherwise));
  }

  /**
   * The names of the policies that a job might have got in place of its own, were it known whether
   * its ref is protected.
   */
  public List<String> undecided(Job job) {
    return policies.stream()
        .takeWhile(policy -> !policy.match().accepts(job))
        .filter(policy -> policy.match().isUndecided(job))
        .map(Policy::name)
        .toList();
  }

  /**
   * The policy of this name.
   *
   * @throws IllegalArgumentException with the names that exist, where there is none of this name
   */
  public Policy policy(String name) {
    return policies.stream()
        .filter(policy -> policy.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no policy is named "
                        + Quote.of(name)
                        + ", only "
                        + policies.stream().map(Policy::name).collect(Collectors.joining(", "))));
  }
}
