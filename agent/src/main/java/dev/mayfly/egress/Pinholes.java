package dev.mayfly.egress;

import dev.mayfly.nftables.NftTable;
import dev.mayfly.nftables.Pinhole;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is open for one sandbox, as the kernel has it: without that, a pinhole whose rule changes
 * could not be renewed, nor could all be closed when the sandbox's addresses go to another.
 */
final class Pinholes {
  /** More than a resolver gives one sandbox addresses for. */
  private static final int MOST = 65_536;

  private final String device;
  private final NftTable table;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Pinhole.Key, Open> open = new HashMap<>();
  private boolean closed;

  private record Open(Pinhole pinhole, Instant until) {}

  Pinholes(String device, NftTable table) {
    this.device = device;
    this.table = table;
  }

  void open(List<Pinhole> wanted) throws IOException {
    Map<Pinhole.Key, Pinhole> distinct = new LinkedHashMap<>();
    wanted.forEach(pinhole -> distinct.putIfAbsent(pinhole.key(), pinhole));
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the sandbox is off the network");
      }
      Instant now = Instant.now();
      if (open.size() + distinct.size() > MOST) {
        // The kernel's clock may be behind ours.
        open.values().removeIf(one -> one.until().plusSeconds(1).isBefore(now));
        if (open.size() + distinct.size() > MOST) {
          throw new IOException("too much is open for one sandbox");
        }
      }
      List<Pinhole.Change> changes = new ArrayList<>();
      for (Map.Entry<Pinhole.Key, Pinhole> one : distinct.entrySet()) {
        changes.add(
            new Pinhole.Change(
                one.getValue(), Optional.ofNullable(open.get(one.getKey())).map(Open::pinhole)));
      }
      table.open(device, changes);
      distinct.forEach(
          (key, pinhole) -> open.put(key, new Open(pinhole, now.plus(pinhole.time()))));
    } finally {
      lock.unlock();
    }
  }

  /** Ends all opening. What this returns may still be open. */
  List<Pinhole> close() {
    lock.lock();
    try {
      closed = true;
      return open.values().stream().map(Open::pinhole).toList();
    } finally {
      lock.unlock();
    }
  }
}
