package dev.mayfly.egress;

import dev.mayfly.linux.Conntrack;
import dev.mayfly.linux.DirectoryLock;
import dev.mayfly.linux.MacAddress;
import dev.mayfly.linux.NetworkLink;
import dev.mayfly.linux.NetworkRoute;
import dev.mayfly.linux.Nftables;
import dev.mayfly.linux.PacketLog;
import dev.mayfly.linux.RouteNetlink;
import dev.mayfly.nftables.NftTable;
import dev.mayfly.policy.IpRange;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * What the host has for all sandboxes of all supervisors: the gateway's addresses, the table,
 * settings, entries in its own firewall. The first supervisor makes it, the last one takes it away
 * and leaves the host as it was.
 */
public final class HostNetwork implements AutoCloseable {
  private static final MacAddress GATEWAY_MAC = new MacAddress(0x02_6d_66_000001L);

  /** Routes to less than this of the address space are meant for something in particular. */
  private static final int ALMOST_DEFAULT = 8;

  /** Groups that others are not likely to use; it is tried which are free. */
  private static final int FIRST_GROUP = 20_000;

  private static final int GROUPS = 40_000;
  private static final int TRIES = 100;

  /** How long the kernel may keep what it logs, so as to tell of several packets at once. */
  static final Duration LOG_DELAY = Duration.ofMillis(20);

  private final NetworkPlan plan;
  private final String supervisor;
  private final Nftables nft;
  private final NftTable table;
  private final RouteNetlink route;
  private final HostFirewall firewall;
  private final PacketLog log;
  private final ReentrantLock waiting = new ReentrantLock();

  private HostNetwork(
      NetworkPlan plan,
      String supervisor,
      Nftables nft,
      RouteNetlink route,
      HostFirewall firewall,
      PacketLog log) {
    this.plan = plan;
    this.supervisor = supervisor;
    this.nft = nft;
    this.table = new NftTable(nft);
    this.route = route;
    this.firewall = firewall;
    this.log = log;
  }

  /**
   * Makes what is missing, and enters the supervisor.
   *
   * @param supervisor its id, with which the ids of its sandboxes begin
   * @param alive for how long it counts as alive from now on
   * @throws IOException with the remedy, where the network can't be had; all is as before then
   */
  public static HostNetwork join(NetworkPlan plan, String supervisor, Duration alive)
      throws IOException {
    return join(plan, supervisor, alive, HostCommands.ofHost());
  }

  static HostNetwork join(
      NetworkPlan plan, String supervisor, Duration alive, HostCommands commands)
      throws IOException {
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      Nftables nft = Nftables.open();
      opened.add(nft);
      RouteNetlink route = RouteNetlink.open();
      opened.add(route);
      PacketLog log = openLog();
      opened.add(log);
      HostNetwork network =
          new HostNetwork(plan, supervisor, nft, route, new HostFirewall(commands, plan), log);
      network.enter(alive);
      return network;
    } catch (IOException | RuntimeException e) {
      for (AutoCloseable one : opened.reversed()) {
        closeAfter(one, e);
      }
      throw e;
    }
  }

  private static void closeAfter(AutoCloseable one, Exception cause) {
    try {
      one.close();
    } catch (Exception e) {
      cause.addSuppressed(e);
    }
  }

  private static PacketLog openLog() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Optional<PacketLog> log =
          PacketLog.open(FIRST_GROUP + ThreadLocalRandom.current().nextInt(GROUPS), LOG_DELAY);
      if (log.isPresent()) {
        return log.get();
      }
    }
    throw new IOException("no nflog group is free");
  }

  private void enter(Duration alive) throws IOException {
    try (Held _ = lock()) {
      try {
        refuseTakenRanges();
        makeGateway();
        table.ensure(plan.layout());
        table.addSupervisor(plan.layout(), supervisor, log.group(), alive);
        HostForwarding forwarding = forwarding();
        // Closed for all others before it opens.
        table.close(forwarding.closedIpv4(), forwarding.closedIpv6());
        forwarding.enable();
        firewall.allow();
      } catch (IOException | RuntimeException e) {
        try {
          leave();
        } catch (IOException | RuntimeException further) {
          e.addSuppressed(further);
        }
        throw e;
      }
    }
  }

  /** Waits until nobody else changes the network. Not to be taken twice by a thread. */
  Held lock() throws IOException {
    // One thread of this process at a time waits in the kernel: a virtual thread that does takes
    // its carrier with it, which the one that has the lock may need.
    waiting.lock();
    try {
      return new Held(waiting, DirectoryLock.acquire(plan.state()));
    } catch (IOException | RuntimeException e) {
      waiting.unlock();
      throw e;
    }
  }

  /** The right to change what all supervisors share. */
  record Held(ReentrantLock waiting, DirectoryLock directory) implements AutoCloseable {
    @Override
    public void close() {
      directory.close();
      waiting.unlock();
    }
  }

  private HostForwarding forwarding() {
    return new HostForwarding(plan.state().resolve("settings"));
  }

  private void refuseTakenRanges() throws IOException {
    Set<Integer> own = new HashSet<>();
    for (NetworkLink link : route.links()) {
      if (link.name().equals(NetworkPlan.GATEWAY_DEVICE)
          || NetworkPlan.number(link.name()).isPresent()) {
        own.add(link.index());
      }
    }
    for (NetworkRoute other : route.routes()) {
      IpRange range = new IpRange(other.destination(), other.prefix());
      boolean taken = overlaps(range, plan.ipv4()) || overlaps(range, plan.ipv6());
      if (taken && other.origin() != RouteNetlink.ORIGIN && !own.contains(other.device())) {
        throw new IOException(
            "sandboxes are to be in %s and %s, but this host has a route to %s already; set another network for them"
                .formatted(plan.ipv4(), plan.ipv6(), range));
      }
    }
  }

  private static boolean overlaps(IpRange route, IpRange network) {
    return route.prefix() >= ALMOST_DEFAULT && (route.contains(network) || network.contains(route));
  }

  private void makeGateway() throws IOException {
    String name = NetworkPlan.GATEWAY_DEVICE;
    route.addBridge(new RouteNetlink.End(name, GATEWAY_MAC));
    int device =
        route.link(name).orElseThrow(() -> new IOException(name + " is gone again")).index();
    boolean ipv6 = HostForwarding.hasIpv6();
    if (ipv6) {
      HostForwarding.writeIfThere("ipv6/conf/" + name + "/disable_ipv6", "0");
      HostForwarding.writeIfThere("ipv6/conf/" + name + "/accept_ra", "0");
      route.withoutLinkLocal(device);
    }
    route.up(device);
    route.addAddress(device, plan.gateway4());
    // What is for a sandbox that is gone goes nowhere, least of all where everything goes.
    route.addUnreachable(plan.ipv4().first(), plan.ipv4().prefix());
    if (ipv6) {
      route.addAddress(device, plan.gateway6());
      route.addUnreachable(plan.ipv6().first(), plan.ipv6().prefix());
    }
  }

  /** Under the lock. */
  private void leave() throws IOException {
    boolean there = table.exists();
    if (there && table.supervisors().contains(supervisor) && !owns()) {
      table.removeSupervisor(supervisor);
    }
    if ((!there || table.supervisors().isEmpty()) && links().all().isEmpty()) {
      firewall.withdraw();
      forwarding().restore();
      table.remove();
      route.deleteUnreachable(plan.ipv4().first(), plan.ipv4().prefix());
      if (HostForwarding.hasIpv6()) {
        route.deleteUnreachable(plan.ipv6().first(), plan.ipv6().prefix());
      }
      route.delete(NetworkPlan.GATEWAY_DEVICE);
      Files.deleteIfExists(plan.state());
    }
  }

  /** Whether a sandbox of this supervisor is still armed; then it stays so, without it. */
  private boolean owns() throws IOException {
    return table.armed().values().stream().anyMatch(sandbox -> isOf(supervisor, sandbox));
  }

  private static boolean isOf(String supervisor, String sandbox) {
    return sandbox.startsWith(supervisor + "-");
  }

  /**
   * Removes what others left that are no more.
   *
   * @param sandboxAlive whether there may still be processes in the sandbox of an id
   * @param supervisorAlive whether the supervisor of an id lives
   * @return the ids of the sandboxes whose links or rules were removed
   */
  public Set<String> sweep(Predicate<String> sandboxAlive, Predicate<String> supervisorAlive)
      throws IOException {
    Set<String> devices = new HashSet<>();
    Set<String> live = new HashSet<>();
    Set<String> swept = new HashSet<>();
    try (Held _ = lock();
        Conntrack conntrack = Conntrack.open()) {
      List<SandboxLinks.Found> links = links().all();
      for (SandboxLinks.Found link : links) {
        if (link.sandbox().isEmpty() || !sandboxAlive.test(link.sandbox())) {
          devices.add(link.device());
          swept.add(link.sandbox());
        } else {
          live.add(link.device());
        }
      }
      table
          .armed()
          .forEach(
              (device, sandbox) -> {
                if (!sandboxAlive.test(sandbox)) {
                  devices.add(device);
                  swept.add(sandbox);
                }
              });
      // Whatever the table says: who lives loses neither rules nor link.
      devices.removeAll(live);
      table.sweep(devices);
      for (String device : devices) {
        route.delete(device);
        SandboxAddress address = plan.address(NetworkPlan.number(device).orElseThrow());
        conntrack.forget(address.ipv4());
        conntrack.forget(address.ipv6());
      }
      Set<String> left = new HashSet<>(table.armed().values());
      for (String other : table.supervisors()) {
        if (!supervisorAlive.test(other) && left.stream().noneMatch(one -> isOf(other, one))) {
          table.removeSupervisor(other);
        }
      }
    }
    swept.remove("");
    return swept;
  }

  /** Adds to the host's own firewall what is missing there, such as after it was restarted. */
  public void refreshFirewall() throws IOException {
    try (Held _ = lock()) {
      firewall.allow();
    }
  }

  /** Mayfly's entries in the host's own firewall. */
  public List<String> firewallEntries() throws IOException {
    return firewall.entries();
  }

  /**
   * Chains of the host's own firewall that would drop sandboxes' packets, and that no entry of
   * Mayfly's answers for.
   */
  public List<String> obstacles() throws IOException {
    List<String> found = new ArrayList<>(table.droppingChains("input"));
    for (String chain : table.droppingChains("forward")) {
      boolean answered =
          (chain.equals("ip filter FORWARD") && firewall.answers("iptables"))
              || (chain.equals("ip6 filter FORWARD") && firewall.answers("ip6tables"));
      if (!answered) {
        found.add(chain);
      }
    }
    return found;
  }

  public NetworkPlan plan() {
    return plan;
  }

  public String supervisor() {
    return supervisor;
  }

  NftTable table() {
    return table;
  }

  PacketLog log() {
    return log;
  }

  SandboxLinks links() {
    return new SandboxLinks(plan, route);
  }

  /**
   * Leaves. Whoever is the last takes everything away; sandboxes that are still there keep all that
   * refuses them what they may not.
   */
  @Override
  public void close() throws IOException {
    try (Held _ = lock()) {
      leave();
    } finally {
      log.close();
      route.close();
      nft.close();
    }
  }
}
