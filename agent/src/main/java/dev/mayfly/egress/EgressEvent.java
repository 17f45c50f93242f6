package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What was seen of a sandbox's way out. */
public sealed interface EgressEvent {

  /** Which of the three said no. */
  enum Layer {
    PACKET,
    NAME,
    TLS
  }

  /**
   * A question that was answered.
   *
   * @param type such as {@code A}
   * @param chain the names that the answer went over, without the first
   */
  record Answered(DomainName name, String type, List<DomainName> chain, List<InetAddress> addresses)
      implements EgressEvent {
    public Answered {
      chain = List.copyOf(chain);
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * A connection that was let through.
   *
   * @param name from the TLS ClientHello, or that resolved to the address
   * @param byRule whether a rule or the mode allows it; else it was let through to be recorded
   */
  record Allowed(
      String protocol,
      InetAddress destination,
      OptionalInt port,
      Optional<String> name,
      boolean byRule)
      implements EgressEvent {}

  /**
   * An attempt that was refused.
   *
   * @param protocol such as {@code tcp}, {@code icmpv6}, {@code dns}
   * @param name as the sandbox gave it; anything may be in it
   * @param reason what refused it, for a person: a few words
   * @param suggestion the entry of {@code egress.allow} that would allow it; empty where none does
   */
  record Refused(
      Layer layer,
      String protocol,
      Optional<InetAddress> destination,
      OptionalInt port,
      Optional<String> name,
      String reason,
      Optional<String> suggestion)
      implements EgressEvent {
    /** Whatever the sandbox tries from now on. */
    static Refused everything(String reason) {
      return new Refused(
          Layer.PACKET,
          "ip",
          Optional.empty(),
          OptionalInt.empty(),
          Optional.of("everything"),
          reason,
          Optional.empty());
    }
  }

  /**
   * Events were lost.
   *
   * @param what for a person
   */
  record Lost(String what) implements EgressEvent {}
}
