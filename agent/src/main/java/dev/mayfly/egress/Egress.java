package dev.mayfly.egress;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A supervisor's part of the network with all three layers, made when the first sandbox needs it.
 * Safe for use by many threads.
 */
public final class Egress implements AutoCloseable {
  private static final Path GATEWAY = Path.of("/sys/class/net").resolve(NetworkPlan.GATEWAY_DEVICE);

  private final String supervisor;
  private final Settings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Layers layers;

  public Egress(String supervisor, Settings settings) {
    this.supervisor = supervisor;
    this.settings = settings;
  }

  /**
   * Where sandboxes are, and who tells their resolver what it does not know.
   *
   * @param dnsServers empty: those that the host asks
   */
  public record Settings(
      NetworkPlan network, List<InetSocketAddress> dnsServers, EgressGroups groups) {
    public Settings {
      dnsServers = List.copyOf(dnsServers);
    }
  }

  /** The three, and what they stand on. */
  private record Layers(HostNetwork host, EgressNetwork packets, Resolver names, TlsGate gate) {}

  /**
   * Puts a sandbox on the network. When this returns, it reaches what its policy allows and nothing
   * else.
   *
   * @param sandbox its id, which begins with the supervisor's
   * @param pid of its PID 1; its network name space has no device yet but loopback
   * @param aliases further names of its own loopback; what is no host name is left out
   * @throws IOException where that did not work; nothing of it is left then
   */
  public SandboxPort attach(
      String sandbox,
      long pid,
      EgressPolicy policy,
      Collection<String> aliases,
      EgressListener listener)
      throws IOException {
    EgressPlan plan = EgressPlanner.plan(policy, settings.groups());
    return layers().packets().attach(sandbox, pid, plan, hostNames(aliases), listener);
  }

  static Set<DomainName> hostNames(Collection<String> aliases) {
    return aliases.stream().flatMap(alias -> hostName(alias).stream()).collect(toUnmodifiableSet());
  }

  private static Optional<DomainName> hostName(String alias) {
    try {
      return Optional.of(DomainName.parse(alias));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // The hosts file has it all the same.
    }
  }

  /**
   * Takes a sandbox off the network, once no process of it is left. Can be called again where
   * something of it failed.
   */
  public void detach(SandboxPort port) throws IOException {
    try {
      port.detach();
    } finally {
      Layers made = layers;
      if (made != null) {
        made.gate().closeAll(port.armed());
      }
    }
  }

  /** What of a policy lets data out to anybody, for a person. */
  public List<String> risks(EgressPolicy policy) {
    return settings.groups().warnings(policy);
  }

  /**
   * Adds to the host's own firewall what is missing there of Mayfly's, such as after it was
   * restarted. Does nothing where no sandbox needed the network yet.
   */
  public void refreshFirewall() throws IOException {
    Layers made = layers;
    if (made != null) {
      made.host().refreshFirewall();
    }
  }

  /** Where sandboxes ask for names. */
  public InetAddress resolver() {
    return settings.network().gateway4();
  }

  /**
   * Removes what supervisors left that are no more; where nobody has made a network, nothing is
   * made for it.
   *
   * @param sandboxAlive whether there may still be processes in the sandbox of an id
   * @param supervisorAlive whether the supervisor of an id lives
   * @return the ids of the sandboxes whose links or rules were removed
   */
  public Set<String> sweep(Predicate<String> sandboxAlive, Predicate<String> supervisorAlive)
      throws IOException {
    return Files.exists(GATEWAY) ? layers().host().sweep(sandboxAlive, supervisorAlive) : Set.of();
  }

  /** Mayfly's entries in the host's own firewall. */
  public List<String> firewallEntries() throws IOException {
    return layers().host().firewallEntries();
  }

  /** Chains of the host's own firewall that would drop sandboxes' packets. */
  public List<String> obstacles() throws IOException {
    return layers().host().obstacles();
  }

  private Layers layers() throws IOException {
    lock.lock();
    try {
      Layers made = layers;
      if (made == null) {
        made = make();
        layers = made;
      }
      return made;
    } finally {
      lock.unlock();
    }
  }

  private Layers make() throws IOException {
    List<InetSocketAddress> upstreams =
        settings.dnsServers().isEmpty() ? Resolver.hostUpstreams() : settings.dnsServers();
    NetworkPlan plan = settings.network();
    ArmedSandboxes sandboxes = new ArmedSandboxes();
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      HostNetwork host = HostNetwork.join(plan, supervisor, EgressNetwork.ALIVE);
      opened.add(host);
      List<InetAddress> gateway =
          HostForwarding.hasIpv6()
              ? List.of(plan.gateway4(), plan.gateway6())
              : List.of(plan.gateway4());
      Resolver names = Resolver.open(gateway, 0, upstreams, sandboxes);
      opened.add(names);
      TlsGate gate = TlsGate.open(gateway, sandboxes);
      opened.add(gate);
      EgressNetwork packets =
          new EgressNetwork(
              host, Endpoints.of(plan, names.port(), gate.port()), sandboxes, EgressNetwork.ALIVE);
      names.packets(packets);
      return new Layers(host, packets, names, gate);
    } catch (IOException | RuntimeException e) {
      for (AutoCloseable one : opened.reversed()) {
        try {
          one.close();
        } catch (Exception further) {
          e.addSuppressed(further);
        }
      }
      throw e;
    }
  }

  /**
   * Leaves the network. Sandboxes that are still on it can open nothing any more.
   *
   * @throws IOException where something of the host could not be put back
   */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      Layers made = layers;
      layers = null;
      if (made != null) {
        try (HostNetwork _ = made.host();
            EgressNetwork _ = made.packets();
            Resolver _ = made.names();
            TlsGate _ = made.gate()) {
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
