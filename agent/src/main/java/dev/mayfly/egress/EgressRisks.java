package dev.mayfly.egress;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rules that let more out than who writes them may think. */
final class EgressRisks {
  private static final int WIDE_IPV4 = 8;
  private static final int WIDE_IPV6 = 24;
  private static final List<Shared> SHARED = load();

  private EgressRisks() {}

  /** Names below or at which anybody can put up a place to send data to. */
  private record Shared(DomainPattern name, String risk) {

    /** Whether a rule lets all of it through, or more. */
    boolean isWithin(DomainPattern allowed) {
      return allowed.equals(name) || (allowed.below() && name.base().isBelow(allowed.base()));
    }
  }

  private static List<Shared> load() {
    List<Shared> all = new ArrayList<>();
    for (JsonNode part : EgressData.read("shared-hosts.yaml")) {
      for (String name : EgressData.texts(part.required("names"))) {
        all.add(new Shared(DomainPattern.parse(name), part.required("risk").textValue()));
      }
    }
    return List.copyOf(all);
  }

  /** What is to be feared of a rule; empty where nothing is that one could see. */
  static Optional<String> of(EgressRule rule) {
    return switch (rule) {
      case EgressRule.ToGroup _ -> Optional.empty();
      case EgressRule.ToName to -> ofName(to).or(() -> ofPorts(to.transport(), to.ports()));
      case EgressRule.ToRange to ->
          to.range().prefix() < (to.range().isIpv4() ? WIDE_IPV4 : WIDE_IPV6)
              ? Optional.of(
                  "this is a large part of the internet, and a job can send data to all of it")
              : ofPorts(to.transport(), to.ports());
    };
  }

  private static Optional<String> ofName(EgressRule.ToName to) {
    if (to.name().below() && to.name().base().parent().isEmpty()) {
      return Optional.of("anybody can register a name below it");
    }
    return SHARED.stream().filter(s -> s.isWithin(to.name())).map(Shared::risk).findFirst();
  }

  private static Optional<String> ofPorts(Transport transport, PortRange ports) {
    if (ports.contains(53) || ports.contains(853)) {
      return Optional.of(
          "a job can ask for names there, behind the resolver that checks and records");
    }
    return transport == Transport.UDP && ports.contains(443)
        ? Optional.of("QUIC hides the server's name from the TLS gate")
        : Optional.empty();
  }
}
