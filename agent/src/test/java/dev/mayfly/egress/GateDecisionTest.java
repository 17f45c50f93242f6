package dev.mayfly.egress;

import static dev.mayfly.egress.GateSandboxes.CDN;
import static dev.mayfly.egress.GateSandboxes.ELSEWHERE;
import static dev.mayfly.egress.GateSandboxes.REFUSED;
import static dev.mayfly.egress.GateSandboxes.RESOLVER;
import static dev.mayfly.egress.GateSandboxes.rule;
import static dev.mayfly.egress.GateSandboxes.sandbox;
import static dev.mayfly.egress.GateSandboxes.terms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.egress.GateDecision.Pass;
import dev.mayfly.egress.GateDecision.Refuse;
import dev.mayfly.egress.GateDecision.Verdict;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.EgressRule.Terms;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GateDecisionTest {
  private static final String A = "a.example";
  private static final String B = "b.example";

  private static ArmedSandbox resolved(ArmedSandbox sandbox, String name, InetAddress... to) {
    assertThat(sandbox.resolved(new DomainName(name), List.of(to), Instant.MAX)).isTrue();
    return sandbox;
  }

  private static Verdict named(ArmedSandbox sandbox, String name, InetAddress to) {
    return GateDecision.decide(
        sandbox, to, 443, new ClientHello(Optional.of(new DomainName(name)), false));
  }

  private static Verdict encrypted(ArmedSandbox sandbox, String name) {
    return GateDecision.decide(
        sandbox, CDN, 443, new ClientHello(Optional.of(new DomainName(name)), true));
  }

  private static Verdict nameless(ArmedSandbox sandbox, InetAddress to, boolean encrypted) {
    return GateDecision.decide(sandbox, to, 443, new ClientHello(Optional.empty(), encrypted));
  }

  private static void assertPasses(Verdict verdict, int rule, String name) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Pass.class,
            pass -> {
              assertThat(pass.rule().map(EgressPlan.Numbered::number).orElse(0)).isEqualTo(rule);
              assertThat(pass.name()).contains(new DomainName(name));
              assertThat(pass.byRule()).isTrue();
            });
  }

  private static void assertRefuses(Verdict verdict, TlsAlert alert, String reason) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Refuse.class,
            refuse -> {
              assertThat(refuse.alert()).contains(alert);
              assertThat(refuse.reason()).contains(reason);
            });
  }

  @Test
  void passesByTheFirstRuleThatMatches() {
    ArmedSandbox sandbox =
        sandbox(EgressMode.ALLOWLIST, false, rule(B, Terms.NONE), rule("*.example", Terms.NONE));
    assertPasses(named(resolved(sandbox, A, CDN), A, CDN), 2, A);
    assertPasses(named(resolved(sandbox, B, CDN), B, CDN), 1, B);
  }

  @Test
  void refusesAnotherNameAtASharedAddress() {
    ArmedSandbox sandbox = resolved(GateSandboxes.allowing(A), A, CDN);
    Verdict verdict = named(sandbox, B, CDN);
    assertRefuses(verdict, TlsAlert.UNRECOGNIZED_NAME, "no rule");
    assertThat(((Refuse) verdict).suggestion()).contains("b.example:443");
    assertThat(((Refuse) verdict).name()).contains(B);
  }

  @Test
  void refusesAnAddressThatTheNameDidNotResolveTo() {
    ArmedSandbox sandbox = GateSandboxes.allowing(A, B);
    resolved(sandbox, A, CDN);
    resolved(sandbox, B, ELSEWHERE);
    assertPasses(named(sandbox, A, CDN), 1, A);
    assertRefuses(named(sandbox, A, ELSEWHERE), TlsAlert.UNRECOGNIZED_NAME, "not resolve");
    assertRefuses(
        named(GateSandboxes.allowing(A), A, CDN), TlsAlert.UNRECOGNIZED_NAME, "not resolve");
  }

  @Test
  void refusesAnAnswerThatHoldsNoMore() {
    ArmedSandbox sandbox = GateSandboxes.allowing(A);
    sandbox.resolved(new DomainName(A), List.of(CDN), Instant.EPOCH);
    assertRefuses(named(sandbox, A, CDN), TlsAlert.UNRECOGNIZED_NAME, "not resolve");
  }

  @Test
  void goesByPortAndTransport() {
    EgressRule udp =
        new EgressRule.ToName(
            A, DomainPattern.parse(A), Transport.UDP, PortRange.HTTPS, Terms.NONE);
    EgressRule other =
        new EgressRule.ToName(
            A, DomainPattern.parse(A), Transport.TCP, PortRange.of(8443), Terms.NONE);
    ArmedSandbox sandbox = resolved(sandbox(EgressMode.ALLOWLIST, false, udp, other), A, CDN);
    assertRefuses(named(sandbox, A, CDN), TlsAlert.UNRECOGNIZED_NAME, "no rule");
    assertPasses(
        GateDecision.decide(
            sandbox, CDN, 8443, new ClientHello(Optional.of(new DomainName(A)), false)),
        2,
        A);
  }

  @Test
  void wantsATermForAHelloWithoutName() {
    assertRefuses(
        nameless(resolved(GateSandboxes.allowing(A), A, CDN), CDN, false),
        TlsAlert.ACCESS_DENIED,
        "without-sni");
    ArmedSandbox sandbox =
        sandbox(EgressMode.ALLOWLIST, false, rule(B, Terms.NONE), rule(A, terms(true, false)));
    resolved(sandbox, A, CDN);
    resolved(sandbox, B, ELSEWHERE);
    assertPasses(nameless(sandbox, CDN, false), 2, A);
    assertRefuses(nameless(sandbox, ELSEWHERE, false), TlsAlert.ACCESS_DENIED, "without-sni");
    assertRefuses(nameless(sandbox, CDN, true), TlsAlert.ACCESS_DENIED, "encrypted-hello");
    ArmedSandbox both = sandbox(EgressMode.ALLOWLIST, false, rule(A, terms(true, true)));
    assertPasses(nameless(resolved(both, A, CDN), CDN, true), 1, A);
  }

  @Test
  void forgetsWhomANamelessHelloCouldBeFor() {
    ArmedSandbox sandbox = sandbox(EgressMode.ALLOWLIST, false, rule(A, terms(true, false)));
    sandbox.resolved(new DomainName(A), List.of(CDN), Instant.EPOCH);
    assertRefuses(nameless(sandbox, CDN, false), TlsAlert.ACCESS_DENIED, "names no server");
  }

  @Test
  void wantsATermForAnEncryptedHello() {
    assertRefuses(
        encrypted(resolved(GateSandboxes.allowing(A), A, CDN), A),
        TlsAlert.ACCESS_DENIED,
        "GREASE");
    ArmedSandbox sandbox =
        sandbox(EgressMode.ALLOWLIST, false, rule(A, Terms.NONE), rule(A, terms(false, true)));
    assertPasses(encrypted(resolved(sandbox, A, CDN), A), 2, A);
    assertRefuses(
        encrypted(resolved(sandbox(EgressMode.HTTPS, true), A, CDN), A),
        TlsAlert.ACCESS_DENIED,
        "GREASE");
  }

  @Test
  void opensPublicHostsInModeHttpsWithGate() {
    ArmedSandbox sandbox = resolved(sandbox(EgressMode.HTTPS, true), A, CDN, REFUSED, RESOLVER);
    assertPasses(named(sandbox, A, CDN), 0, A);
    assertRefuses(named(sandbox, A, ELSEWHERE), TlsAlert.UNRECOGNIZED_NAME, "not resolve");
    assertRefuses(named(sandbox, A, REFUSED), TlsAlert.ACCESS_DENIED, "refused range");
    assertRefuses(named(sandbox, A, RESOLVER), TlsAlert.ACCESS_DENIED, "resolver");
    assertRefuses(
        named(resolved(sandbox, "dns.doh.example", CDN), "dns.doh.example", CDN),
        TlsAlert.UNRECOGNIZED_NAME,
        "no rule");
    assertRefuses(nameless(sandbox, CDN, false), TlsAlert.ACCESS_DENIED, "names no server");
    assertRefuses(
        named(resolved(sandbox(EgressMode.HTTPS, false), A, CDN), A, CDN),
        TlsAlert.UNRECOGNIZED_NAME,
        "no rule");
  }

  @Test
  void opensARefusedRangeWhereARuleByRangeDoes() {
    EgressRule range =
        new EgressRule.ToRange(
            "198.51.100.10:443",
            IpRange.parse("198.51.100.10"),
            Transport.TCP,
            PortRange.HTTPS,
            Terms.NONE);
    ArmedSandbox sandbox = resolved(sandbox(EgressMode.HTTPS, true, range), A, REFUSED);
    assertPasses(named(sandbox, A, REFUSED), 0, A);
  }

  @Test
  void recordsInModeAuditAndKeepsRefusedRangesShut() {
    ArmedSandbox sandbox = resolved(sandbox(EgressMode.AUDIT, false, rule(A, Terms.NONE)), A, CDN);
    assertPasses(named(sandbox, A, CDN), 1, A);
    assertThat(named(sandbox, B, ELSEWHERE))
        .isEqualTo(new Pass(Optional.empty(), Optional.of(new DomainName(B)), false));
    assertThat(nameless(sandbox, CDN, true))
        .isEqualTo(new Pass(Optional.empty(), Optional.empty(), false));
    assertRefuses(named(sandbox, B, REFUSED), TlsAlert.ACCESS_DENIED, "refused range");
  }

  @Test
  void refusesEverythingInModeNone() {
    ArmedSandbox sandbox = resolved(sandbox(EgressMode.NONE, true, rule(A, Terms.NONE)), A, CDN);
    assertRefuses(named(sandbox, A, CDN), TlsAlert.ACCESS_DENIED, "mode is none");
  }
}
