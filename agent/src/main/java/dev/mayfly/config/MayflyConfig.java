package dev.mayfly.config;

import dev.mayfly.policy.Policy;
import dev.mayfly.policy.Quote;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@code mayfly.yaml} says.
 *
 * @param stateDir absolute; what Mayfly must remember while it runs
 * @param reportDir absolute; where reports of jobs are written
 * @param policies names are unique; {@link Policy#DEFAULT_NAME} is always among them
 */
public record MayflyConfig(
    EngineConfig engine, Path stateDir, Path reportDir, List<Policy> policies) {
  private static final Path STATE_DIR = Path.of("/var/lib/mayfly");

  /** What holds where there is no configuration. */
  public static final MayflyConfig DEFAULT =
      new MayflyConfig(
          EngineConfig.DEFAULT, STATE_DIR, reportDirIn(STATE_DIR), List.of(Policy.DEFAULT));

  public MayflyConfig {
    boolean hasDefault = policies.stream().anyMatch(p -> p.name().equals(Policy.DEFAULT_NAME));
    policies =
        hasDefault
            ? List.copyOf(policies)
            : Stream.concat(Stream.of(Policy.DEFAULT), policies.stream()).toList();
    if (policies.stream().map(Policy::name).distinct().count() < policies.size()) {
      throw new IllegalArgumentException("policies must have different names");
    }
  }

  /** Where reports go if only the state directory is named. */
  static Path reportDirIn(Path stateDir) {
    return stateDir.resolve("reports");
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
