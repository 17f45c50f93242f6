package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.policy.DomainName;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class TunnelGuardTest {
  private final TunnelGuard guard = new TunnelGuard();
  private final Random random = new Random(3);

  private boolean passes(String name, long now) {
    return guard.objection(new DomainName(name), Optional.empty(), now).isEmpty();
  }

  private String hex(int bytes) {
    byte[] some = new byte[bytes];
    random.nextBytes(some);
    return HexFormat.of().formatHex(some);
  }

  private String letters(int bytes) {
    byte[] some = new byte[bytes];
    random.nextBytes(some);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(some)
        .toLowerCase(Locale.ROOT)
        .replace('-', 'a');
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "d1abcdef8ghijk.cdn-front.example",
        "e1234.dscb.edge-provider.example",
        "a1234567890abcdef1234567890abcdef.profile.fra2.cdn-front.example",
        "k8s-default-ingress-1a2b3c4d5e-1234567890.eu-central-1.elb.cloud.example",
        "search-logs-abcdefghij0123456789klmnop.eu-central-1.es.cloud.example",
        "vpce-0a1b2c3d4e5f6a7b8-abcdefgh.s3.eu-central-1.vpce.cloud.example",
        "123456789012.dkr.ecr.eu-central-1.cloud.example",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301.artifacts.example",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi.gateway.example",
        "rr3---sn-4g5e6nz7.video.example",
        "my-team-name-with-a-very-long-bucket-name-for-build-artefacts.s3.cloud.example"
      })
  void letsOrdinaryHostsPass(String name) {
    assertThat(passes(name, 0)).isTrue();
  }

  @Test
  void letsAPageOfContentHostsPass() {
    for (int i = 0; i < 60; i++) {
      assertThat(passes("d" + hex(6) + ".cdn-front.example", i)).isTrue();
      assertThat(passes("img" + i % 8 + ".static.example", i)).isTrue();
    }
  }

  @Test
  void refusesNamesThatNoHostHas() {
    assertThat(passes((letters(40) + ".").repeat(3) + "t.example.org", 0)).isFalse();
  }

  @Test
  void boundsWhatLeavesBelowAZone() {
    for (List<Integer> size : List.of(List.of(30), List.of(15), List.of(8), List.of(2))) {
      TunnelGuard fresh = new TunnelGuard();
      int carried = 0;
      for (int i = 0; i < 5000; i++) {
        String name = hex(size.getFirst()) + ".t" + size + ".example";
        name = name.replace("[", "").replace("]", "");
        if (fresh.objection(new DomainName(name), Optional.empty(), i).isEmpty()) {
          carried += size.getFirst();
        }
      }
      assertThat(carried).as("bytes by labels of " + size).isBetween(1, 1024);
    }
  }

  @Test
  void boundsWhatLeavesOverManyZones() {
    int passed = 0;
    for (int i = 0; i < 5000; i++) {
      passed += passes(hex(15) + ".zone" + i + ".example", i) ? 1 : 0;
    }
    assertThat(passed * 15).isBetween(1, 8192);
  }

  @Test
  void letsWhatWasAskedBeforePass() {
    String name = hex(30) + ".t.example";
    for (int i = 0; i < 5000; i++) {
      assertThat(passes(name, i)).isTrue();
    }
  }

  @Test
  void forgivesWithTime() {
    long now = 0;
    while (passes(hex(30) + ".t.example", now)) {
      now++;
    }
    assertThat(passes(hex(30) + ".t.example", now + Duration.ofSeconds(1).toNanos())).isFalse();
    assertThat(passes(hex(30) + ".t.example", now + Duration.ofMinutes(1).toNanos())).isTrue();
  }

  @Test
  void isWiderBelowAWildcardButNotOpen() {
    int passed = 0;
    for (int i = 0; i < 5000; i++) {
      passed +=
          guard
                  .objection(
                      new DomainName(hex(30) + ".t.example"),
                      Optional.of(new DomainName("t.example")),
                      i)
                  .isEmpty()
              ? 1
              : 0;
    }
    assertThat(passed).isBetween(60, 100);
  }
}
