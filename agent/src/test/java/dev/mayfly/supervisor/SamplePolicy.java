package dev.mayfly.supervisor;

import dev.mayfly.policy.Policy;
import dev.mayfly.policy.Reactions;

/** Policies that differ from the default in what they say of findings. */
final class SamplePolicy {
  private SamplePolicy() {}

  static Policy reacting(Reactions onFinding) {
    Policy some = Policy.DEFAULT;
    return new Policy(
        "release",
        some.image(),
        some.requireDigest(),
        some.pull(),
        some.identity(),
        some.readOnlyRoot(),
        some.seccompKnobs(),
        some.limits(),
        some.egress(),
        some.monitor(),
        some.match(),
        onFinding);
  }
}
