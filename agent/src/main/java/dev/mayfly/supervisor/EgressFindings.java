package dev.mayfly.supervisor;

import dev.mayfly.egress.EgressEvent;
import dev.mayfly.egress.EgressSummary;
import dev.mayfly.egress.EgressSummary.Connection;
import dev.mayfly.egress.EgressSummary.Verdict;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.job.Finding.Severity;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.SpecialRanges;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Says what attempts to reach something mean. */
final class EgressFindings {
  /** Unsecured credentials: cloud instance metadata API. */
  private static final String METADATA_TECHNIQUE = "T1552.005";

  /** Exfiltration over web service. */
  private static final String RISK_TECHNIQUE = "T1567";

  private static final String NO_PROCESS = "none: the policy itself";

  /** The resolver is not told who asks, and not every host tells who connects. */
  private static final String UNKNOWN = "unknown";

  /** Knows who tried to reach something, for a person. */
  interface Processes {
    Optional<String> who(Connection connection);
  }

  private EgressFindings() {}

  /**
   * One for each different attempt that the policy does not allow, and for each of its rules that
   * lets data out to anybody.
   *
   * @param risks of the policy, for a person
   */
  static List<Finding> of(
      EgressSummary summary, Policy policy, List<String> risks, Processes processes) {
    return Stream.concat(
            summary.connections().stream()
                .filter(connection -> connection.verdict() != Verdict.ALLOWED)
                .map(connection -> of(connection, policy, processes)),
            risks.stream().map(risk -> ofRisk(risk, policy)))
        .toList();
  }

  private static Finding ofRisk(String risk, Policy policy) {
    return new Finding(
        "egress.risk",
        Severity.INFO,
        Optional.of(RISK_TECHNIQUE),
        Reaction.AUDIT,
        NO_PROCESS,
        risk,
        "name the hosts that are meant in egress.allow of policy " + policy.name(),
        1);
  }

  static Finding of(Connection connection, Policy policy, Processes processes) {
    Kind kind = Kind.of(connection);
    boolean toMetadata =
        kind != Kind.RECORDED
            && connection.destination().filter(SpecialRanges::isMetadata).isPresent();
    return new Finding(
        kind.rule,
        toMetadata ? Severity.HIGH : kind.severity,
        Optional.of(toMetadata ? METADATA_TECHNIQUE : kind.technique),
        reaction(connection, policy),
        processes.who(connection).orElse(UNKNOWN),
        connection.target() + connection.reason().map(reason -> ": " + reason).orElse(""),
        remedy(connection, policy),
        connection.count());
  }

  /** What is refused where findings are only recorded is refused all the same. */
  private static Reaction reaction(Connection connection, Policy policy) {
    return switch (connection.verdict()) {
      case ALLOWED, AUDITED -> Reaction.AUDIT;
      case REFUSED -> stops(policy) ? Reaction.KILL : Reaction.BLOCK;
    };
  }

  /** Whether the first refusal ends the sandbox. */
  static boolean stops(Policy policy) {
    return policy.reactionToEgress() == Reaction.KILL;
  }

  /** A line for the job's log. */
  static String line(Connection connection, Policy policy, Processes processes) {
    return "refused "
        + connection.target()
        + processes.who(connection).map(who -> " to " + who).orElse("")
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
        .orElse(
            connection.destination().filter(SpecialRanges::isMetadata).isPresent()
                ? "what answers there hands out the host's own credentials"
                : "no entry of egress.allow opens this");
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
