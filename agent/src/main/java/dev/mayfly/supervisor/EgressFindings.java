package dev.mayfly.supervisor;

import dev.mayfly.egress.EgressEvent;
import dev.mayfly.egress.EgressSummary;
import dev.mayfly.egress.EgressSummary.Connection;
import dev.mayfly.egress.EgressSummary.Verdict;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.job.Finding.Severity;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Policy;
import java.util.List;
import java.util.Optional;

/** Says what attempts to reach something mean. */
final class EgressFindings {
  private static final List<IpRange> METADATA =
      List.of(IpRange.parse("169.254.169.254"), IpRange.parse("fd00:ec2::254"));

  /** Unsecured credentials: cloud instance metadata API. */
  private static final String METADATA_TECHNIQUE = "T1552.005";

  /** Nothing tells yet which process it was. */
  private static final String PROCESS = "unknown, because processes are not watched";

  private EgressFindings() {}

  /** One for each different attempt that the policy does not allow. */
  static List<Finding> of(EgressSummary summary, Policy policy) {
    return summary.connections().stream()
        .filter(connection -> connection.verdict() != Verdict.ALLOWED)
        .map(connection -> of(connection, policy))
        .toList();
  }

  static Finding of(Connection connection, Policy policy) {
    Kind kind = Kind.of(connection);
    boolean toMetadata =
        kind != Kind.RECORDED
            && connection
                .destination()
                .filter(to -> METADATA.stream().anyMatch(service -> service.contains(to)))
                .isPresent();
    return new Finding(
        kind.rule,
        toMetadata ? Severity.HIGH : kind.severity,
        Optional.of(toMetadata ? METADATA_TECHNIQUE : kind.technique),
        connection.verdict() == Verdict.AUDITED ? Reaction.AUDIT : reaction(policy),
        PROCESS,
        connection.target() + connection.reason().map(reason -> ": " + reason).orElse(""),
        remedy(connection, policy),
        connection.count());
  }

  static Reaction reaction(Policy policy) {
    return policy.onFinding().getOrDefault(Finding.Category.EGRESS, Reaction.BLOCK);
  }

  /** A line for the job's log. */
  static String line(Connection connection, Policy policy) {
    return "refused "
        + connection.target()
        + ": "
        + connection.reason().orElse("no rule allows it")
        + "; "
        + remedy(connection, policy);
  }

  private static String remedy(Connection connection, Policy policy) {
    return connection
        .suggestion()
        .map(
            entry ->
                "to allow it, add \"" + entry + "\" to egress.allow of policy " + policy.name())
        .orElse("no entry of egress.allow opens this");
  }

  /**
   * What it is an attempt at, by the catalogue of MITRE ATT&amp;CK; by the layer that refused it.
   */
  private enum Kind {
    PACKET("egress.packet", Severity.MEDIUM, "T1048"),
    NAME("egress.name", Severity.MEDIUM, "T1071.004"),
    TLS("egress.tls", Severity.MEDIUM, "T1090.004"),
    RECORDED("egress.packet", Severity.INFO, "T1048");

    private final String rule;
    private final Severity severity;
    private final String technique;

    Kind(String rule, Severity severity, String technique) {
      this.rule = rule;
      this.severity = severity;
      this.technique = technique;
    }

    static Kind of(Connection connection) {
      if (connection.verdict() == Verdict.AUDITED) {
        return RECORDED;
      }
      return switch (connection.layer().orElse(EgressEvent.Layer.PACKET)) {
        case PACKET -> PACKET;
        case NAME -> NAME;
        case TLS -> TLS;
      };
    }
  }
}
