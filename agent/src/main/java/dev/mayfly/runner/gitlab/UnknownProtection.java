package dev.mayfly.runner.gitlab;

import dev.mayfly.job.Finding;
import dev.mayfly.policy.Policy;
import java.util.List;
import java.util.Optional;

/**
 * That nobody says of a job whether its ref is protected, where policies ask for it.
 *
 * @param policies the names of those
 */
record UnknownProtection(Policy policy, List<String> policies) {
  UnknownProtection {
    policies = List.copyOf(policies);
  }

  private String names() {
    return (policies.size() == 1 ? "policy " : "policies ") + String.join(", ", policies);
  }

  /** For the job's log. */
  String line() {
    return "nobody says whether the ref is protected, which "
        + names()
        + " asks for: the job has policy "
        + policy.name()
        + " (GitLab and gitlab-runner say it from 18.3 on)";
  }

  Finding finding() {
    return new Finding(
        "match.unknown",
        Finding.Severity.LOW,
        Optional.empty(),
        Finding.Reaction.AUDIT,
        "gitlab",
        names(),
        "to have match.protected of these decided, use GitLab and gitlab-runner 18.3 or later; or"
            + " match by project, ref and job alone",
        1);
  }
}
