package dev.mayfly.policy;

import dev.mayfly.job.Job;
import java.util.List;
import java.util.Optional;

/**
 * Which jobs a policy is for. All conditions must hold; one with several patterns holds if any of
 * them matches, and does not where the job has no such value.
 *
 * @param platform empty, as the other lists: no condition
 * @param isProtected whether the CI server holds the job's ref for protected
 */
public record PolicyMatch(
    List<Glob> platform,
    List<Glob> project,
    List<Glob> ref,
    List<Glob> job,
    Optional<Boolean> isProtected) {

  /** No condition at all: a policy that is used by name only. */
  public static final PolicyMatch NONE =
      new PolicyMatch(List.of(), List.of(), List.of(), List.of(), Optional.empty());

  public PolicyMatch {
    platform = List.copyOf(platform);
    project = List.copyOf(project);
    ref = List.copyOf(ref);
    job = List.copyOf(job);
  }

  /** Whether the policy is for a job; never, where there is no condition. */
  public boolean accepts(Job offered) {
    return !equals(NONE)
        && fits(offered)
        && (isProtected.isEmpty() || isProtected.equals(offered.isProtected()));
  }

  /**
   * Whether it is not for a job for no other reason than that nobody says if its ref is protected.
   */
  public boolean isUndecided(Job offered) {
    return isProtected.isPresent() && offered.isProtected().isEmpty() && fits(offered);
  }

  private boolean fits(Job offered) {
    return holds(platform, Optional.of(offered.platform()))
        && holds(project, offered.project())
        && holds(ref, offered.ref())
        && holds(job, Optional.of(offered.name()));
  }

  private static boolean holds(List<Glob> patterns, Optional<String> value) {
    return patterns.isEmpty()
        || value.filter(v -> patterns.stream().anyMatch(p -> p.matches(v))).isPresent();
  }
}
