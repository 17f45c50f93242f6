package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.dns.DnsName;
import dev.mayfly.dns.WireRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class NameCacheTest {
  private static final long SECOND = 1_000_000_000L;

  private static NameCache.Key key(int number) {
    return new NameCache.Key(DnsName.of("n" + number + ".example"), DnsRecordType.A);
  }

  private static NameFacts facts(long until, int addresses) {
    WireRecord record =
        WireRecord.address(DnsName.of("n.example"), InetAddress.ofLiteral("198.51.100.7"));
    return new NameFacts(
        DnsResponseCode.NOERROR,
        List.of(),
        Collections.nCopies(addresses, record),
        List.of(),
        until);
  }

  @Test
  void forgetsWhatNoLongerHolds() {
    NameCache cache = new NameCache(10, 10_000);
    cache.put(key(1), facts(5 * SECOND, 1));
    assertThat(cache.get(key(1), 4 * SECOND))
        .hasValueSatisfying(facts -> assertThat(facts.ttl(4 * SECOND)).isEqualTo(1));
    assertThat(cache.get(key(1), 5 * SECOND)).isEmpty();
    assertThat(cache.size()).isZero();
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void isBoundedByEntriesAndForgetsTheLeastUsed() {
    NameCache cache = new NameCache(3, 100_000);
    for (int i = 0; i < 3; i++) {
      cache.put(key(i), facts(SECOND, 1));
    }
    cache.get(key(0), 0);
    cache.put(key(3), facts(SECOND, 1));
    assertThat(cache.size()).isEqualTo(3);
    assertThat(cache.get(key(0), 0)).isPresent();
    assertThat(cache.get(key(1), 0)).isEmpty();
  }

  @Test
  void isBoundedByBytes() {
    NameCache cache = new NameCache(1000, 10_000);
    for (int i = 0; i < 1000; i++) {
      cache.put(key(i), facts(SECOND, i % 20));
      assertThat(cache.bytes()).isLessThanOrEqualTo(10_000);
    }
    assertThat(cache.size()).isPositive();
  }
}
