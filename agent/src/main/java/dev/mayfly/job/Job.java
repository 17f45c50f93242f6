package dev.mayfly.job;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a CI server handed out. Every field comes from the server side or from the operator's own
 * command line, never from inside a sandbox.
 *
 * @param platform {@code gitlab}, {@code github}, or {@code local} for {@code mayfly exec}
 * @param project project or repository path, where the platform has one
 * @param ref branch or tag name
 * @param isProtected whether the CI server holds the ref for protected; empty where it does not say
 * @param details what else the CI server says, for the report: its words, by name
 */
public record Job(
    JobId id,
    String platform,
    Optional<String> project,
    Optional<String> ref,
    String name,
    Optional<Boolean> isProtected,
    Map<String, String> details) {

  public Job {
    Objects.requireNonNull(id);
    details = Collections.unmodifiableMap(new TreeMap<>(details));
    if (platform.isBlank() || name.isBlank()) {
      throw new IllegalArgumentException("a job has a platform and a name");
    }
  }

  /** A job of which nothing else is told. */
  public Job(
      JobId id,
      String platform,
      Optional<String> project,
      Optional<String> ref,
      String name,
      Optional<Boolean> isProtected) {
    this(id, platform, project, ref, name, isProtected, Map.of());
  }

  /** A job of whose ref nobody says whether it is protected. */
  public Job(
      JobId id, String platform, Optional<String> project, Optional<String> ref, String name) {
    this(id, platform, project, ref, name, Optional.empty(), Map.of());
  }

  /** A job that the operator started on the command line of this host. */
  public static Job local(JobId id) {
    return new Job(id, "local", Optional.empty(), Optional.empty(), "exec");
  }
}
