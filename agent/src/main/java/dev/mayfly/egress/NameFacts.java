package dev.mayfly.egress;

import dev.mayfly.dns.Answer;
import dev.mayfly.dns.AnswerChain;
import dev.mayfly.dns.DnsName;
import dev.mayfly.dns.WireRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What is known of a name.
 *
 * @param hops the names of the chain after the first
 * @param records aliases and answers
 * @param authority for clients that remember that there is nothing (RFC 2308)
 * @param until of {@link System#nanoTime}
 */
record NameFacts(
    DnsResponseCode code,
    List<DnsName> hops,
    List<WireRecord> records,
    List<WireRecord> authority,
    long until) {
  /** An address that changes more often is not one that a job could use. */
  private static final long SHORTEST = 5;

  private static final long LONGEST = 3600;
  private static final long LONGEST_NOTHING = 300;
  private static final int OVERHEAD = 200;

  NameFacts {
    hops = List.copyOf(hops);
    records = List.copyOf(records);
    authority = List.copyOf(authority);
  }

  /**
   * What an answer says.
   *
   * @return empty where the answer's aliases do not end
   */
  static Optional<NameFacts> of(Answer answer, long now) {
    return switch (AnswerChain.follow(answer)) {
      case AnswerChain.Endless() -> Optional.empty();
      case AnswerChain.Followed(List<DnsName> hops, List<WireRecord> records, int answers) -> {
        List<WireRecord> soa =
            answers > 0
                ? List.of()
                : authority(answer, hops.isEmpty() ? answer.asked() : hops.getLast());
        long longest = answers > 0 ? LONGEST : LONGEST_NOTHING;
        long ttl = answers > 0 || !soa.isEmpty() ? longest : SHORTEST;
        for (WireRecord record : records) {
          ttl = Math.min(ttl, record.timeToLive());
        }
        for (WireRecord record : soa) {
          ttl = Math.min(ttl, Math.min(record.timeToLive(), record.negativeTtl()));
        }
        yield Optional.of(
            new NameFacts(
                answer.code(),
                hops,
                records,
                soa,
                now + TimeUnit.SECONDS.toNanos(Math.max(SHORTEST, ttl))));
      }
    };
  }

  private static List<WireRecord> authority(Answer answer, DnsName last) {
    return answer.authority().stream()
        .filter(r -> r.type().equals(DnsRecordType.SOA) && last.isWithin(r.owner()))
        .limit(1)
        .toList();
  }

  /** Seconds that are left, rounded up. */
  long ttl(long now) {
    return Math.ceilDiv(until - now, 1_000_000_000L);
  }

  /** Bytes of memory, about. */
  int size() {
    int size = OVERHEAD;
    for (WireRecord record : records) {
      size += OVERHEAD + 2 * record.size();
    }
    for (WireRecord record : authority) {
      size += OVERHEAD + 2 * record.size();
    }
    return size;
  }
}
