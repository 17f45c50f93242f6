package dev.mayfly.report;

import dev.mayfly.egress.PastConnection;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.IpRange;
import dev.mayfly.report.Report.ConnectionPart;
import dev.mayfly.report.Report.EgressPart;
import dev.mayfly.report.Report.NamePart;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a report tells of a job's way out, read as values again. */
final class SeenEgress {
  private SeenEgress() {}

  /** What was let through. */
  static List<ConnectionPart> passed(EgressPart egress) {
    return egress.connections().stream()
        .filter(connection -> !connection.verdict().equals(ConnectionPart.REFUSED))
        .toList();
  }

  /** The names that were answered. */
  static List<NamePart> answered(EgressPart egress) {
    return egress.names().stream().filter(name -> name.answer().equals(NamePart.ALLOWED)).toList();
  }

  /** By what names the job can have meant a destination: as it said, else as it was told. */
  static Set<String> namesOf(EgressPart egress, ConnectionPart connection) {
    String said = connection.name();
    Stream<String> names =
        said != null
            ? Stream.of(said)
            : answered(egress).stream()
                .filter(name -> name.addresses().contains(connection.address()))
                .map(NamePart::name);
    return names
        .flatMap(name -> name(name).stream())
        .map(DomainName::text)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** A name as it is compared; empty where it is none that a rule could have. */
  static Optional<DomainName> name(String text) {
    try {
      return Optional.of(DomainName.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * A connection as a value.
   *
   * @throws IllegalArgumentException where its address is none
   */
  static PastConnection past(EgressPart egress, ConnectionPart connection) {
    Integer port = connection.port();
    return new PastConnection(
        connection.protocol(),
        IpRange.parse(connection.address()).first(),
        port == null ? OptionalInt.empty() : OptionalInt.of(port),
        namesOf(egress, connection).stream().map(DomainName::new).collect(Collectors.toSet()));
  }
}
