package dev.mayfly.egress;

import dev.mayfly.nftables.Layout;
import dev.mayfly.nftables.LogPrefix;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.SpecialRanges;
import java.net.Inet6Address;
import java.util.Optional;

/** Says in words why a packet was refused, and what would allow it. */
final class Verdict {
  private static final int DNS = 53;
  private static final int DNS_OVER_TLS = 853;
  private static final int HTTPS = 443;

  private final NetworkPlan network;

  Verdict(NetworkPlan network) {
    this.network = network;
  }

  String reason(
      EgressPlan plan,
      LogPrefix prefix,
      PacketHeader packet,
      boolean local,
      Optional<DomainName> name) {
    return switch (prefix) {
      case LATE -> "Mayfly does not respond";
      case SPENT ->
          spentRule(plan, packet, name)
              .map(rule -> UploadBudget.reached(rule.terms().maxUpload().orElseThrow()))
              .orElse("max-upload of its rule reached");
      case CROWDED -> "more than " + Layout.MOST_FLOWS + " connections of the sandbox at once";
      case SPOOFED -> "spoofed source address " + IpRange.show(packet.source());
      case REFUSED, ALLOWED, RECORDED -> reason(plan, packet, local);
    };
  }

  private String reason(EgressPlan plan, PacketHeader packet, boolean local) {
    if (local) {
      return "the host itself";
    }
    if (network.ipv4().contains(packet.destination())
        || network.ipv6().contains(packet.destination())) {
      return "the network of the sandboxes";
    }
    for (IpRange range : plan.refusedRanges()) {
      if (range.contains(packet.destination())) {
        return "refused range " + text(range);
      }
    }
    if (plan.isRefusedHost(packet.destination())) {
      return "a public resolver, which would hide names from Mayfly";
    }
    if (packet.port().isEmpty()) {
      return "protocol " + packet.protocol() + " is allowed by no rule";
    }
    return switch (packet.port().getAsInt()) {
      case DNS -> "a DNS server other than Mayfly's resolver";
      case DNS_OVER_TLS -> "DNS over TLS, which would hide names from Mayfly";
      case HTTPS -> packet.protocol().equals("udp") ? "QUIC" : "no rule allows it";
      default -> "no rule allows it";
    };
  }

  /** The rule whose bound was reached: the first with one that is about what the packet is for. */
  private static Optional<EgressRule> spentRule(
      EgressPlan plan, PacketHeader packet, Optional<DomainName> name) {
    return plan.rules().stream()
        .filter(rule -> rule.terms().maxUpload().isPresent())
        .filter(
            rule ->
                switch (rule) {
                  case EgressRule.ToRange to ->
                      to.range().contains(packet.destination()) && isFor(packet, to.ports());
                  case EgressRule.ToName to ->
                      name.filter(to.name()::matches).isPresent() && isFor(packet, to.ports());
                  case EgressRule.ToGroup _ -> false;
                })
        .findFirst();
  }

  private static boolean isFor(PacketHeader packet, PortRange ports) {
    return packet.port().isPresent() && ports.contains(packet.port().getAsInt());
  }

  private static String text(IpRange range) {
    return range.first().getHostAddress() + "/" + range.prefix();
  }

  /**
   * The entry of {@code egress.allow} that would allow it: by name where one is known and the
   * address is no refused one, which a name does not open.
   */
  Optional<String> suggestion(
      EgressPlan plan,
      LogPrefix prefix,
      PacketHeader packet,
      boolean local,
      Optional<DomainName> name) {
    boolean hopeless =
        prefix != LogPrefix.REFUSED
            || local
            || packet.destination().isMulticastAddress()
            || SpecialRanges.isMetadata(packet.destination())
            || packet.port().isEmpty()
            || network.ipv4().contains(packet.destination())
            || network.ipv6().contains(packet.destination());
    String suffix =
        switch (packet.protocol()) {
          case "tcp" -> "";
          case "udp" -> "/udp";
          default -> "none";
        };
    if (hopeless || suffix.equals("none") || packet.port().getAsInt() == 0) {
      return Optional.empty();
    }
    boolean refused =
        plan.refusedRanges().stream().anyMatch(range -> range.contains(packet.destination()));
    String address =
        packet.destination() instanceof Inet6Address
            ? "[" + IpRange.show(packet.destination()) + "]"
            : IpRange.show(packet.destination());
    String host = refused ? address : name.map(DomainName::text).orElse(address);
    return Optional.of(host + ":" + packet.port().getAsInt() + suffix);
  }
}
