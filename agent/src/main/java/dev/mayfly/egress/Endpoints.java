package dev.mayfly.egress;

import dev.mayfly.nftables.Pinhole;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Where a supervisor's resolver (UDP and TCP) and TLS gate listen, on the gateway's addresses. Its
 * sandboxes' packets are sent there.
 */
public record Endpoints(
    InetSocketAddress resolver4,
    InetSocketAddress resolver6,
    InetSocketAddress gate4,
    InetSocketAddress gate6) {

  /** On the same ports of both addresses. */
  public static Endpoints of(NetworkPlan plan, int resolver, int gate) {
    return new Endpoints(
        new InetSocketAddress(plan.gateway4(), resolver),
        new InetSocketAddress(plan.gateway6(), resolver),
        new InetSocketAddress(plan.gateway4(), gate),
        new InetSocketAddress(plan.gateway6(), gate));
  }

  List<InetSocketAddress> resolvers() {
    return List.of(resolver4, resolver6);
  }

  private InetSocketAddress gate(InetAddress destination) {
    return destination instanceof Inet4Address ? gate4 : gate6;
  }

  Pinhole pinhole(Opening opening) {
    return new Pinhole(
        opening.destination(),
        opening.transport().word(),
        opening.port(),
        opening.rule(),
        opening.time(),
        opening.gated() ? Optional.of(gate(opening.destination())) : Optional.empty());
  }
}
