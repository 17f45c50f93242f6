package dev.mayfly.job;

import java.util.Objects;
import java.util.Optional;

/**
 * What a CI server handed out. Every field comes from the server side or from the operator's own
 * command line, never from inside a sandbox.
 *
 * @param platform {@code gitlab}, {@code github}, or {@code local} for {@code mayfly exec}
 * @param project project or repository path, where the platform has one
 * @param ref branch or tag name
 * @param isProtected whether the CI server holds the ref for protected; empty where it does not say
 */
public record Job(
    JobId id,
    String platform,
    Optional<String> project,
    Optional<String> ref,
    String name,
    Optional<Boolean> isProtected) {

  public Job {
    Objects.requireNonNull(id);
    if (platform.isBlank() || name.isBlank()) {
      throw new IllegalArgumentException("a job has a platform and a name");
    }
  }

  /** A job of whose ref nobody says whether it is protected. */
  public Job(
      JobId id, String platform, Optional<String> project, Optional<String> ref, String name) {
    this(id, platform, project, ref, name, Optional.empty());
  }

  /** A job that the operator started on the command line of this host. */
  public static Job local(JobId id) {
    return new Job(id, "local", Optional.empty(), Optional.empty(), "exec");
  }
}
