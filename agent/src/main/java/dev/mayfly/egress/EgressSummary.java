package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.IpRange;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What was seen of one sandbox's way out, in the order in which it was first seen.
 *
 * @param refusedPackets that the kernel counted, each of which may be a repetition; empty where its
 *     count could not be read
 * @param gaps what was lost or left out, for a person; none where this is all
 */
public record EgressSummary(
    List<Name> names,
    List<Connection> connections,
    Optional<Long> refusedPackets,
    List<String> gaps) {
  public EgressSummary {
    names = List.copyOf(names);
    connections = List.copyOf(connections);
    gaps = List.copyOf(gaps);
  }

  /** Whether nothing was lost or left out. */
  public boolean complete() {
    return gaps.isEmpty();
  }

  /** Questions for one name and type that were answered. */
  public record Name(
      DomainName name,
      String type,
      List<DomainName> chain,
      List<InetAddress> addresses,
      long count) {}

  /** What became of connections. */
  public enum Verdict {
    /** A rule or the mode allows it. */
    ALLOWED,
    /** Let through to be recorded. */
    AUDITED,
    REFUSED
  }

  /**
   * Attempts at one destination.
   *
   * @param layer which said no; empty where none did
   * @param reason idem
   * @param suggestion the entry of {@code egress.allow} that would allow it
   */
  public record Connection(
      String protocol,
      Optional<InetAddress> destination,
      OptionalInt port,
      Optional<String> name,
      Verdict verdict,
      Optional<EgressEvent.Layer> layer,
      Optional<String> reason,
      Optional<String> suggestion,
      long count) {

    /** The destination for a person, unescaped. */
    public String target() {
      String host = destination.map(IpRange::show).or(() -> name).orElse("?");
      String known =
          destination.isPresent() ? name.map(given -> " (" + given + ")").orElse("") : "";
      boolean bracketed = host.contains(":") && port.isPresent();
      return protocol
          + " "
          + (bracketed ? "[" + host + "]" : host)
          + (port.isPresent() ? ":" + port.getAsInt() : "")
          + known;
    }
  }
}
