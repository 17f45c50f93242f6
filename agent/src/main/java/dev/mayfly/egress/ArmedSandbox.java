package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A sandbox that is on the network, and what it was told by the resolver. Safe for use by many
 * threads.
 */
public final class ArmedSandbox {
  /** Pairs of an address and a name that are remembered; a job can ask for any number. */
  private static final int MOST_PAIRS = 16_384;

  private static final int MOST_NAMES_OF_ONE = 64;

  /** To look through all of them takes a while, and a job could ask for it again and again. */
  private static final Duration SWEEP_PERIOD = Duration.ofSeconds(1);

  private final String name;
  private final SandboxAddress address;
  private final EgressPlan plan;
  private final Set<DomainName> aliases;
  private final EgressListener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<InetAddress, Map<DomainName, Instant>> resolved = new HashMap<>();
  private int pairs;
  private Instant nextSweep = Instant.MIN;

  /** A sandbox whose loopback has no further names. */
  public ArmedSandbox(
      String name, SandboxAddress address, EgressPlan plan, EgressListener listener) {
    this(name, address, plan, Set.of(), listener);
  }

  /**
   * @param name the sandbox's id
   * @param aliases further names of its own loopback, whatever its plan says
   */
  public ArmedSandbox(
      String name,
      SandboxAddress address,
      EgressPlan plan,
      Set<DomainName> aliases,
      EgressListener listener) {
    this.name = name;
    this.address = address;
    this.plan = plan;
    this.aliases = Set.copyOf(aliases);
    this.listener = listener;
  }

  public String name() {
    return name;
  }

  public SandboxAddress address() {
    return address;
  }

  public EgressPlan plan() {
    return plan;
  }

  /** Further names of its own loopback. */
  public Set<DomainName> aliases() {
    return aliases;
  }

  public EgressListener listener() {
    return listener;
  }

  /**
   * Remembers an answer.
   *
   * @return false where too many are remembered already; then it must not be given
   */
  public boolean resolved(DomainName asked, List<InetAddress> addresses, Instant until) {
    lock.lock();
    try {
      Instant now = Instant.now();
      if (pairs + addresses.size() > MOST_PAIRS && now.isAfter(nextSweep)) {
        nextSweep = now.plus(SWEEP_PERIOD);
        resolved.values().forEach(names -> names.values().removeIf(now::isAfter));
        resolved.values().removeIf(Map::isEmpty);
        pairs = resolved.values().stream().mapToInt(Map::size).sum();
      }
      for (InetAddress one : addresses) {
        Map<DomainName, Instant> names = resolved.computeIfAbsent(one, _ -> new HashMap<>());
        boolean isNew = !names.containsKey(asked);
        if (isNew && names.size() >= MOST_NAMES_OF_ONE) {
          int had = names.size();
          names.values().removeIf(now::isAfter);
          pairs -= had - names.size();
        }
        if (isNew && (pairs >= MOST_PAIRS || names.size() >= MOST_NAMES_OF_ONE)) {
          return false;
        }
        pairs += isNew ? 1 : 0;
        names.merge(asked, until, (had, given) -> had.isAfter(given) ? had : given);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the resolver gave this sandbox this address for this name, and it still holds. */
  public boolean hasResolved(DomainName asked, InetAddress to) {
    lock.lock();
    try {
      Instant until = resolved.getOrDefault(to, Map.of()).get(asked);
      return until != null && Instant.now().isBefore(until);
    } finally {
      lock.unlock();
    }
  }

  /** The names for which the resolver gave this address, whether they still hold or not. */
  public Set<DomainName> namesOf(InetAddress to) {
    lock.lock();
    try {
      return Set.copyOf(resolved.getOrDefault(to, Map.of()).keySet());
    } finally {
      lock.unlock();
    }
  }
}
