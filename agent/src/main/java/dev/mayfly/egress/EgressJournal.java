package dev.mayfly.egress;

import dev.mayfly.egress.EgressSummary.Connection;
import dev.mayfly.egress.EgressSummary.Verdict;
import dev.mayfly.policy.DomainName;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Keeps what was seen of one sandbox's way out: repetitions are counted, and of different things so
 * many are kept that no job can fill the memory. Safe for use by many threads.
 */
public final class EgressJournal implements EgressListener {
  private static final int MOST_NAMES = 2048;
  private static final int MOST_CONNECTIONS = 2048;
  private static final int MOST_GAPS = 16;

  /** Addresses of one name that are kept: enough to see whose it is. */
  private static final int MOST_ADDRESSES = 16;

  private final Consumer<Connection> firstRefused;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<NameKey, Counted<EgressEvent.Answered>> names = new LinkedHashMap<>();
  private final Map<ConnectionKey, Counted<Connection>> connections = new LinkedHashMap<>();
  private final Set<String> gaps = new LinkedHashSet<>();

  /**
   * @param firstRefused takes each different refusal once, when it is first seen; must not block
   */
  public EgressJournal(Consumer<Connection> firstRefused) {
    this.firstRefused = firstRefused;
  }

  private record NameKey(DomainName name, String type) {}

  /** The name is part of it where there is no address. */
  private record ConnectionKey(
      String protocol,
      Optional<InetAddress> destination,
      OptionalInt port,
      Optional<String> name,
      Verdict verdict) {}

  private static final class Counted<T> {
    private T latest;
    private long count = 1;

    Counted(T latest) {
      this.latest = latest;
    }
  }

  @Override
  public void seen(EgressEvent event) {
    switch (event) {
      case EgressEvent.Answered answered -> answered(answered);
      case EgressEvent.Allowed allowed ->
          connection(
              new Connection(
                  allowed.protocol(),
                  Optional.of(allowed.destination()),
                  allowed.port(),
                  allowed.name(),
                  allowed.byRule() ? Verdict.ALLOWED : Verdict.AUDITED,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  1));
      case EgressEvent.Refused refused ->
          connection(
              new Connection(
                  refused.protocol(),
                  refused.destination(),
                  refused.port(),
                  refused.name(),
                  Verdict.REFUSED,
                  Optional.of(refused.layer()),
                  Optional.of(refused.reason()),
                  refused.suggestion(),
                  1));
      case EgressEvent.Lost lost -> lost(lost.what());
    }
  }

  private void lost(String what) {
    lock.lock();
    try {
      gap(what);
    } finally {
      lock.unlock();
    }
  }

  /** To be called under the lock. */
  private void gap(String what) {
    if (gaps.size() < MOST_GAPS) {
      gaps.add(what);
    }
  }

  private void answered(EgressEvent.Answered answered) {
    NameKey key = new NameKey(answered.name(), answered.type());
    EgressEvent.Answered kept = bounded(answered);
    lock.lock();
    try {
      Counted<EgressEvent.Answered> known = names.get(key);
      if (known != null) {
        known.latest = kept;
        known.count++;
      } else if (names.size() < MOST_NAMES) {
        names.put(key, new Counted<>(kept));
      } else {
        gap("of more than " + MOST_NAMES + " names that were asked for no more are kept");
      }
    } finally {
      lock.unlock();
    }
  }

  private static EgressEvent.Answered bounded(EgressEvent.Answered answered) {
    return answered.addresses().size() <= MOST_ADDRESSES
        ? answered
        : new EgressEvent.Answered(
            answered.name(),
            answered.type(),
            answered.chain(),
            answered.addresses().subList(0, MOST_ADDRESSES));
  }

  private void connection(Connection seen) {
    ConnectionKey key =
        new ConnectionKey(
            seen.protocol(), seen.destination(), seen.port(), seen.name(), seen.verdict());
    lock.lock();
    try {
      Counted<Connection> known = connections.get(key);
      if (known != null) {
        known.count++;
        return;
      }
      if (connections.size() >= MOST_CONNECTIONS) {
        gap("of more than " + MOST_CONNECTIONS + " destinations no more are kept");
        return;
      }
      connections.put(key, new Counted<>(seen));
    } finally {
      lock.unlock();
    }
    if (seen.verdict() == Verdict.REFUSED) {
      firstRefused.accept(seen);
    }
  }

  /**
   * What was seen up to now.
   *
   * @param refusedPackets that the kernel counted; empty where that is not known
   */
  public EgressSummary summary(Optional<Long> refusedPackets) {
    lock.lock();
    try {
      List<EgressSummary.Name> asked = new ArrayList<>();
      for (Counted<EgressEvent.Answered> one : names.values()) {
        EgressEvent.Answered last = one.latest;
        asked.add(
            new EgressSummary.Name(
                last.name(), last.type(), last.chain(), last.addresses(), one.count));
      }
      List<Connection> tried = new ArrayList<>();
      for (Counted<Connection> one : connections.values()) {
        Connection first = one.latest;
        tried.add(
            new Connection(
                first.protocol(),
                first.destination(),
                first.port(),
                first.name(),
                first.verdict(),
                first.layer(),
                first.reason(),
                first.suggestion(),
                one.count));
      }
      List<String> missing = new ArrayList<>(gaps);
      if (refusedPackets.isEmpty()) {
        missing.add("the kernel's count of refused packets could not be read");
      }
      return new EgressSummary(asked, tried, refusedPackets, missing);
    } finally {
      lock.unlock();
    }
  }
}
