package dev.mayfly.policy;

import java.util.List;

/**
 * What a job may reach.
 *
 * @param allow what is allowed beside what the mode allows
 * @param refusedRanges addresses that stay refused unless a rule names a range within them
 * @param gate in mode {@link EgressMode#HTTPS}, whether TLS server names are looked at, too
 * @param refusedNames how a question for a name that is not allowed is answered
 */
public record EgressPolicy(
    EgressMode mode,
    List<EgressRule> allow,
    List<IpRange> refusedRanges,
    boolean gate,
    RefusedNames refusedNames) {
  public EgressPolicy {
    allow = List.copyOf(allow);
    refusedRanges = List.copyOf(refusedRanges);
  }

  /** The response code (RFC 1035, section 4.1.1) for a name that is not allowed. */
  public enum RefusedNames {
    NXDOMAIN,
    REFUSED
  }
}
