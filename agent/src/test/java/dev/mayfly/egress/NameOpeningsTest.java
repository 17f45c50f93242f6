package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class NameOpeningsTest {
  private static final DomainName NAME = new DomainName("a.example");

  private static List<Opening> of(EgressMode mode, boolean gate, EgressRule... rules) {
    EgressPlan plan =
        new EgressPlan(
            mode,
            List.of(rules),
            List.of(),
            gate,
            EgressPolicy.RefusedNames.NXDOMAIN,
            EgressPlan.RefusedHosts.NONE);
    return NameOpenings.of(
        plan,
        plan.rulesFor(NAME),
        List.of(InetAddress.ofLiteral("198.51.100.7")),
        Duration.ofMinutes(1));
  }

  private static EgressRule rule(
      Transport transport, PortRange ports, Optional<ByteSize> maxUpload) {
    return new EgressRule.ToName(
        "a.example",
        new DomainPattern(false, NAME),
        transport,
        ports,
        new EgressRule.Terms(maxUpload, false, false));
  }

  @Test
  void opensATargetOnceByTheFirstRuleForIt() {
    EgressRule bounded = rule(Transport.TCP, PortRange.HTTPS, Optional.of(ByteSize.parse("1MiB")));
    EgressRule same = rule(Transport.TCP, PortRange.HTTPS, Optional.empty());
    assertThat(of(EgressMode.ALLOWLIST, false, bounded, same))
        .extracting(Opening::rule)
        .containsExactly(1);
    assertThat(of(EgressMode.HTTPS, true, bounded)).extracting(Opening::rule).containsExactly(1);
    assertThat(of(EgressMode.HTTPS, true))
        .extracting(Opening::rule)
        .containsExactly(SandboxClass.BY_MODE);
  }

  @Test
  void gatesHttpsWhereNotAnyHostIsAllowed() {
    EgressRule https = rule(Transport.TCP, PortRange.HTTPS, Optional.empty());
    assertThat(of(EgressMode.ALLOWLIST, false, https))
        .extracting(Opening::gated)
        .containsOnly(true);
    assertThat(of(EgressMode.HTTPS, true, https)).extracting(Opening::gated).containsOnly(true);
    assertThat(of(EgressMode.AUDIT, false, https)).extracting(Opening::gated).containsOnly(false);
  }

  @Test
  void leavesHttpsToTheBroadRuleUnlessItIsCounted() {
    assertThat(of(EgressMode.HTTPS, false, rule(Transport.TCP, PortRange.HTTPS, Optional.empty())))
        .isEmpty();
    assertThat(
            of(
                EgressMode.HTTPS,
                false,
                rule(Transport.TCP, PortRange.HTTPS, Optional.of(ByteSize.parse("1MiB")))))
        .extracting(Opening::gated)
        .containsExactly(false);
  }

  @Test
  void gatesNothingButTcp443() {
    assertThat(
            of(
                EgressMode.ALLOWLIST,
                false,
                rule(Transport.UDP, PortRange.HTTPS, Optional.empty()),
                rule(Transport.TCP, new PortRange(442, 444), Optional.empty())))
        .extracting(o -> o.transport() + " " + o.port() + " " + o.rule() + " " + o.gated())
        .containsExactly("UDP 443 1 false", "TCP 442 2 false", "TCP 443 2 true", "TCP 444 2 false");
  }
}
