package dev.mayfly.egress;

import dev.mayfly.linux.HeldNamespace;
import dev.mayfly.linux.NetworkLink;
import dev.mayfly.linux.Processes;
import dev.mayfly.linux.RouteNetlink;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sandboxes' links: pairs of devices with addresses of their own and nothing between them that
 * is shared. Both ends are told for good where the other is, so neither asks nor believes anybody.
 */
final class SandboxLinks {
  /** Noted on each device, with the sandbox's id. */
  static final String ALIAS = "dev.mayfly.sandbox=";

  private static final String PASSIVE =
      "lo|(tunl|gre|gretap|erspan|sit|ip6tnl|ip6gre|ip_vti|ip6_vti|ifb)\\d+";

  /** Answers to no question for an Ethernet address (ip-sysctl, arp_ignore). */
  private static final String ANSWER_NOTHING = "8";

  private final NetworkPlan plan;
  private final RouteNetlink host;
  private final boolean ipv6;

  /** Counts up, so that a number is given again only after all others. */
  private final AtomicInteger next;

  SandboxLinks(NetworkPlan plan, RouteNetlink host) {
    this.plan = plan;
    this.host = host;
    this.ipv6 = HostForwarding.hasIpv6();
    this.next = new AtomicInteger(new SecureRandom().nextInt(plan.size()));
  }

  /**
   * A sandbox's link.
   *
   * @param device the host's end's index
   */
  record Link(int number, int device, SandboxAddress address) {}

  /**
   * Makes a link, down, under a number that nobody has. To be called under the lock of the network.
   *
   * @throws IOException where there is no such number; nothing is left then
   */
  Link make(String sandbox, HeldNamespace inside) throws IOException {
    for (int tried = 0; tried < plan.size(); tried++) {
      int number = NetworkPlan.FIRST + Math.floorMod(next.getAndIncrement(), plan.size());
      SandboxAddress address = plan.address(number);
      if (host.addPair(
          new RouteNetlink.End(address.device(), plan.outsideMac(number)),
          new RouteNetlink.End(NetworkPlan.INSIDE, plan.insideMac(number)),
          inside)) {
        try {
          host.alias(address.device(), ALIAS + sandbox);
          return new Link(number, find(host, address.device()).index(), address);
        } catch (IOException e) {
          undo(address.device(), e);
          throw e;
        }
      }
    }
    throw new IOException(
        "all " + plan.size() + " addresses for sandboxes are taken; use a wider network");
  }

  /** Throws where the name space is the host's, or has a network already. */
  static void refuseWired(HeldNamespace inside) throws IOException {
    if (inside.namespace().equals(Processes.ownNamespace("net"))) {
      throw new IOException("the sandbox has no network name space of its own");
    }
    try (RouteNetlink there = RouteNetlink.openIn(inside)) {
      List<String> wired =
          there.links().stream()
              .map(NetworkLink::name)
              .filter(name -> !name.matches(PASSIVE))
              .toList();
      if (!wired.isEmpty()) {
        throw new IOException(
            "the sandbox has the network devices "
                + wired
                + " already; the engine attached a network that was not asked for");
      }
    }
  }

  /** Brings a link up, with addresses and routes at both ends. */
  void connect(Link link, HeldNamespace inside) throws IOException {
    String own = link.address().device();
    HostForwarding.writeIfThere("ipv4/conf/" + own + "/arp_ignore", ANSWER_NOTHING);
    withoutNoise(host, own, link.device());
    host.up(link.device());
    for (InetAddress address : addresses(link.address().ipv4(), link.address().ipv6())) {
      host.addNeighbour(link.device(), address, plan.insideMac(link.number()));
      host.addHostRoute(link.device(), address);
    }
    inside.inside(
        () -> {
          try (RouteNetlink there = RouteNetlink.open()) {
            int device = find(there, NetworkPlan.INSIDE).index();
            if (ipv6) {
              // Engines switch it off where they attach no network: then not even an own address
              // works.
              HostForwarding.writeIfThere("ipv6/conf/lo/disable_ipv6", "0");
            }
            withoutNoise(there, NetworkPlan.INSIDE, device);
            there.up(device);
            for (InetAddress address : addresses(link.address().ipv4(), link.address().ipv6())) {
              there.addAddress(device, address);
            }
            for (InetAddress gateway : addresses(plan.gateway4(), plan.gateway6())) {
              there.addNeighbour(device, gateway, plan.outsideMac(link.number()));
              there.addDefaultRoute(device, gateway);
            }
            return true;
          }
        });
  }

  /** IPv6 as it is configured here, and nothing that it would find out by itself. */
  private void withoutNoise(RouteNetlink where, String name, int device) throws IOException {
    if (ipv6) {
      String settings = "ipv6/conf/" + name + "/";
      HostForwarding.writeIfThere(settings + "disable_ipv6", "0");
      HostForwarding.writeIfThere(settings + "accept_ra", "0");
      HostForwarding.writeIfThere(settings + "autoconf", "0");
      HostForwarding.writeIfThere(settings + "accept_dad", "0");
      where.withoutLinkLocal(device);
    }
  }

  private List<InetAddress> addresses(InetAddress ipv4, InetAddress other) {
    List<InetAddress> addresses = new ArrayList<>(List.of(ipv4));
    if (ipv6) {
      addresses.add(other);
    }
    return addresses;
  }

  /** Lets nothing through any more, at once. */
  void cut(Link link) throws IOException {
    host.down(link.device());
  }

  /** Removes a link; it may be gone already, with the sandbox's name space. */
  void remove(String device) throws IOException {
    host.delete(device);
  }

  /**
   * A sandbox's device that is there.
   *
   * @param sandbox the id that is noted on it; empty where none is
   */
  record Found(String device, int number, String sandbox) {}

  List<Found> all() throws IOException {
    List<Found> found = new ArrayList<>();
    for (NetworkLink link : host.links()) {
      NetworkPlan.number(link.name())
          .ifPresent(
              number ->
                  found.add(
                      new Found(
                          link.name(),
                          number,
                          link.alias().startsWith(ALIAS)
                              ? link.alias().substring(ALIAS.length())
                              : "")));
    }
    return found;
  }

  private static NetworkLink find(RouteNetlink where, String name) throws IOException {
    return where
        .link(name)
        .orElseThrow(() -> new IOException("the network device " + name + " is gone"));
  }

  private void undo(String device, IOException cause) {
    try {
      host.delete(device);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
