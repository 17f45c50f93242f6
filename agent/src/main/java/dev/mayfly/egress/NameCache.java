package dev.mayfly.egress;

import dev.mayfly.dns.DnsName;
import io.netty.handler.codec.dns.DnsRecordType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What servers answered, for all sandboxes: facts, never permissions. Bounded; what was used least
 * lately goes first.
 */
final class NameCache {
  private final int mostEntries;
  private final long mostBytes;
  private final Map<Key, NameFacts> facts = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  record Key(DnsName name, DnsRecordType type) {}

  NameCache(int mostEntries, long mostBytes) {
    this.mostEntries = mostEntries;
    this.mostBytes = mostBytes;
  }

  /**
   * What is known and still holds.
   *
   * @param now of {@link System#nanoTime}
   */
  Optional<NameFacts> get(Key key, long now) {
    NameFacts found = facts.get(key);
    if (found == null) {
      return Optional.empty();
    }
    if (found.ttl(now) <= 0) {
      remove(key);
      return Optional.empty();
    }
    return Optional.of(found);
  }

  void put(Key key, NameFacts found) {
    remove(key);
    facts.put(key, found);
    bytes += found.size();
    while (facts.size() > mostEntries || bytes > mostBytes) {
      remove(facts.keySet().iterator().next());
    }
  }

  private void remove(Key key) {
    NameFacts gone = facts.remove(key);
    if (gone != null) {
      bytes -= gone.size();
    }
  }

  int size() {
    return facts.size();
  }

  long bytes() {
    return bytes;
  }
}
