package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mayfly.nftables.ClassRules;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SandboxClassTest {
  static EgressPlan plan(EgressMode mode, EgressRule... rules) {
    return new EgressPlan(
        mode,
        List.of(rules),
        Stream.of("10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8", "169.254.0.0/16", "fc00::/7")
            .map(IpRange::parse)
            .toList(),
        false,
        EgressPolicy.RefusedNames.NXDOMAIN,
        new EgressPlan.RefusedHosts(List.of(), List.of(IpRange.parse("192.0.2.53"))));
  }

  static EgressRule.ToRange range(String range, int port) {
    return new EgressRule.ToRange(
        range + ":" + port,
        IpRange.parse(range),
        Transport.TCP,
        PortRange.of(port),
        EgressRule.Terms.NONE);
  }

  @Test
  void opensRefusedRangesOnlyByRulesWithinThem() {
    ClassRules rules =
        SandboxClass.of(
            plan(
                EgressMode.ALLOWLIST,
                range("0.0.0.0/0", 80),
                range("10.0.5.0/24", 5432),
                range("192.0.2.53", 853)));
    assertThat(rules.opening()).extracting("rule").containsExactly(2, 3);
    assertThat(rules.broad()).extracting("rule").containsExactly(1);
    assertThat(rules.everything()).isFalse();
  }

  @Test
  void refusesEachRangeOnce() {
    assertThat(SandboxClass.of(plan(EgressMode.ALLOWLIST)).refused())
        .extracting(Object::toString)
        .containsExactly("10.0.0.0/8", "169.254.0.0/16", "fc00:0:0:0:0:0:0:0/7", "192.0.2.53/32");
  }

  @Test
  void allowsWhatTheModeAllows() {
    assertThat(SandboxClass.of(plan(EgressMode.HTTPS)).broad())
        .extracting("transport", "firstPort", "lastPort", "rule")
        .containsOnly(tuple("tcp", 443, 443, SandboxClass.BY_MODE))
        .hasSize(2);
    assertThat(SandboxClass.of(plan(EgressMode.AUDIT)).everything()).isTrue();
  }

  @Test
  void countsWhatHasABudget() {
    EgressRule limited =
        new EgressRule.ToName(
            "a.example:443",
            DomainPattern.parse("a.example"),
            Transport.TCP,
            PortRange.HTTPS,
            new EgressRule.Terms(Optional.of(ByteSize.ofMiB(1)), false, false));
    assertThat(SandboxClass.budgets(plan(EgressMode.ALLOWLIST, range("10.0.5.0/24", 1), limited)))
        .containsExactlyEntriesOf(Map.of(2, 1L << 20));
  }
}
