package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import java.net.InetAddress;
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
  /** Names and addresses of one sandbox that are remembered; a job can ask for any number. */
  private static final int MOST_ADDRESSES = 16_384;

  private static final int MOST_NAMES_OF_ONE = 64;

  private final String name;
  private final SandboxAddress address;
  private final EgressPlan plan;
  private final EgressListener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<InetAddress, Map<DomainName, Instant>> resolved = new HashMap<>();

  /**
   * @param name the sandbox's id
   */
  public ArmedSandbox(
      String name, SandboxAddress address, EgressPlan plan, EgressListener listener) {
    this.name = name;
    this.address = address;
    this.plan = plan;
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
      if (resolved.size() + addresses.size() > MOST_ADDRESSES) {
        resolved.values().forEach(names -> names.values().removeIf(now::isAfter));
        resolved.values().removeIf(Map::isEmpty);
      }
      for (InetAddress one : addresses) {
        Map<DomainName, Instant> names = resolved.computeIfAbsent(one, _ -> new HashMap<>());
        if (names.size() >= MOST_NAMES_OF_ONE) {
          names.values().removeIf(now::isAfter);
        }
        if (resolved.size() > MOST_ADDRESSES
            || (names.size() >= MOST_NAMES_OF_ONE && !names.containsKey(asked))) {
          return false;
        }
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
