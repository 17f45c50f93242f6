package dev.mayfly.report;

import dev.mayfly.egress.EgressEvent.Layer;
import dev.mayfly.egress.EgressSummary;
import dev.mayfly.egress.EgressSummary.Connection;
import dev.mayfly.egress.EgressSummary.Verdict;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts what was seen of a sandbox's way out into the words of a report. */
final class EgressReport {
  /** Refused names are counted over all types of record. */
  private static final String ANY_TYPE = "any";

  private EgressReport() {}

  static Report.EgressPart of(EgressPolicy policy, EgressSummary seen) {
    List<Report.NamePart> names = new ArrayList<>();
    for (EgressSummary.Name one : seen.names()) {
      names.add(
          new Report.NamePart(
              one.name().text(),
              one.type(),
              Report.NamePart.ALLOWED,
              null,
              one.count(),
              one.chain().stream().map(DomainName::text).toList(),
              one.addresses().stream().map(IpRange::show).toList()));
    }
    List<Report.ConnectionPart> connections = new ArrayList<>();
    for (Connection one : seen.connections()) {
      if (one.layer().equals(Optional.of(Layer.NAME))) {
        names.add(refusedName(one));
      } else if (one.destination().isPresent()) {
        connections.add(connection(one));
      }
    }
    return new Report.EgressPart(
        policy.mode().word(),
        policy.server().stream().map(EgressRule::text).toList(),
        names,
        connections,
        seen.refusedPackets().orElse(null),
        seen.complete(),
        seen.gaps());
  }

  private static Report.NamePart refusedName(Connection one) {
    return new Report.NamePart(
        one.name().orElse(""),
        ANY_TYPE,
        Report.NamePart.REFUSED,
        one.reason().orElse(null),
        one.count(),
        List.of(),
        one.destination().map(IpRange::show).stream().toList());
  }

  private static Report.ConnectionPart connection(Connection one) {
    return new Report.ConnectionPart(
        one.protocol(),
        one.destination().map(IpRange::show).orElseThrow(),
        one.port().isPresent() ? one.port().getAsInt() : null,
        one.name().orElse(null),
        word(one.verdict()),
        one.layer().map(EgressReport::word).orElse(null),
        one.reason().orElse(null),
        one.suggestion().orElse(null),
        one.count());
  }

  private static String word(Verdict verdict) {
    return switch (verdict) {
      case ALLOWED -> Report.ConnectionPart.ALLOWED;
      case AUDITED -> Report.ConnectionPart.AUDITED;
      case REFUSED -> Report.ConnectionPart.REFUSED;
    };
  }

  private static String word(Layer layer) {
    return switch (layer) {
      case PACKET -> "packet";
      case NAME -> "name";
      case TLS -> "tls";
    };
  }
}
