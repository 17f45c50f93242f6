package dev.mayfly.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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

  /** What is in force where the configuration says nothing. */
  public static final EgressPolicy DEFAULT =
      new EgressPolicy(
          EgressMode.HTTPS, List.of(), SpecialRanges.ALL, false, RefusedNames.NXDOMAIN);

  public EgressPolicy {
    allow = List.copyOf(allow);
    refusedRanges = List.copyOf(refusedRanges);
    if (mode == EgressMode.NONE && !allow.isEmpty()) {
      throw new IllegalArgumentException(
          "allow has entries, but mode: none gives the sandbox no network: delete them, or set mode:"
              + " allowlist");
    }
    if (gate && (mode == EgressMode.NONE || mode == EgressMode.AUDIT)) {
      throw new IllegalArgumentException(
          "gate is for mode: https, not for mode: " + mode.word() + ": delete it");
    }
  }

  /**
   * The same policy, with what a job needs of the CI server that handed it out. Names of such rules
   * may lead into the organisation's own network.
   *
   * @param hosts exact names and addresses with their ports
   * @throws IllegalArgumentException where one is a wildcard or a group, or where there is no
   *     network
   */
  public EgressPolicy withServer(List<EgressRule> hosts) {
    List<EgressRule> all = new ArrayList<>();
    for (EgressRule host : hosts) {
      requireExact(host);
      all.add(host.carrying(host.text(), host.terms().ofServer()));
    }
    all.addAll(allow);
    return new EgressPolicy(mode, all, refusedRanges, gate, refusedNames);
  }

  /**
   * Holds a rule to be for a host that is named in full.
   *
   * @throws IllegalArgumentException where it is a wildcard or a group
   */
  public static void requireExact(EgressRule host) {
    if (host instanceof EgressRule.ToGroup
        || (host instanceof EgressRule.ToName to && to.name().below())) {
      throw new IllegalArgumentException(
          Quote.of(host.text()) + " is no exact host of the CI server: name each of them");
    }
  }

  /** The hosts of the CI server among the rules. */
  public List<EgressRule> server() {
    return allow.stream().filter(rule -> rule.terms().server()).toList();
  }

  /** The response code (RFC 1035, section 4.1.1) for a name that is not allowed. */
  public enum RefusedNames {
    NXDOMAIN,
    REFUSED;

    /** The word for it in the configuration. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
