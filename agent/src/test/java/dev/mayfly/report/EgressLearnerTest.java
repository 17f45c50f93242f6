package dev.mayfly.report;

import static dev.mayfly.report.SampleEgress.audited;
import static dev.mayfly.report.SampleEgress.name;
import static dev.mayfly.report.SampleEgress.reached;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.egress.EgressGroups;
import dev.mayfly.egress.EgressPlan;
import dev.mayfly.egress.EgressPlanner;
import dev.mayfly.egress.HostRegistries;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.SpecialRanges;
import dev.mayfly.report.EgressLearner.Entry;
import dev.mayfly.report.Report.EgressPart;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressLearnerTest {
  private static EgressLearner.Learned learn(EgressPart... jobs) {
    EgressLearner learner = new EgressLearner(rule -> EgressGroups.riskOf(rule).isPresent());
    for (EgressPart job : jobs) {
      learner.add(job);
    }
    return learner.learn();
  }

  private static List<String> entries(EgressPart... jobs) {
    return learn(jobs).entries().stream().map(Entry::text).toList();
  }

  private static EgressPlan plan(EgressMode mode, List<String> allow) {
    return EgressPlanner.plan(
        new EgressPolicy(
            mode,
            allow.stream().map(EgressRule::parse).toList(),
            SpecialRanges.ALL,
            false,
            EgressPolicy.RefusedNames.NXDOMAIN),
        EgressGroups.of(Map.of(), HostRegistries.Reading.NOTHING));
  }

  @Test
  void prefersNamesToAddresses() {
    EgressPart job =
        audited(
            List.of(name("b.example", "8.8.1.1"), name("a.example", "8.8.1.2", "8.8.1.3")),
            reached("tcp", "8.8.1.1", 443, "b.example"),
            reached("tcp", "8.8.1.3", 8443, null),
            reached("udp", "8.8.1.9", 123, null),
            reached("tcp", "2a00::1", 22, null));
    assertThat(learn(job).entries())
        .containsExactly(
            new Entry("a.example:8443", Optional.empty()),
            new Entry("b.example:443", Optional.empty()),
            new Entry(
                "8.8.1.9:123/udp",
                Optional.of("by address: no name is known, or the address is in a refused range")),
            new Entry(
                "[2a00::1]:22",
                Optional.of("by address: no name is known, or the address is in a refused range")));
    assertThat(EgressReplay.broken(plan(EgressMode.ALLOWLIST, entries(job)), job)).isEmpty();
  }

  @Test
  void takesEveryNameThatAnAddressWasGivenFor() {
    EgressPart job =
        audited(
            List.of(name("b.example", "8.8.1.1"), name("a.example", "8.8.1.1")),
            reached("tcp", "8.8.1.1", 443, null));
    assertThat(entries(job)).containsExactly("a.example:443", "b.example:443");
  }

  @Test
  void joinsNeighbouringPorts() {
    EgressPart job =
        audited(
            List.of(),
            reached("tcp", "8.8.1.1", 8001, "a.example"),
            reached("tcp", "8.8.1.1", 8000, "a.example"),
            reached("tcp", "8.8.1.1", 22, "A.example."),
            reached("udp", "8.8.1.1", 8002, "a.example"));
    assertThat(entries(job))
        .containsExactly("a.example:22", "a.example:8000-8001", "a.example:8002/udp");
    EgressPart[] many = new EgressPart[17];
    for (int i = 0; i < many.length; i++) {
      many[i] = audited(List.of(), reached("tcp", "8.8.1.1", 8000 + i, "a.example"));
    }
    assertThat(entries(many)).containsExactly("a.example:8000-8015", "a.example:8016");
  }

  @Test
  void makesAWildcardOfThreeNamesAndTellsWhich() {
    EgressPart two =
        audited(
            List.of(),
            reached("tcp", "8.8.1.1", 443, "a.cdn.example"),
            reached("tcp", "8.8.1.2", 443, "b.cdn.example"));
    assertThat(entries(two)).containsExactly("a.cdn.example:443", "b.cdn.example:443");
    EgressPart third = audited(List.of(), reached("tcp", "8.8.1.3", 443, "c.cdn.example"));
    assertThat(learn(two, third).entries())
        .containsExactly(
            new Entry(
                "*.cdn.example:443",
                Optional.of(
                    "allows every name below; stands for 3: a.cdn.example, b.cdn.example,"
                        + " c.cdn.example")));
    EgressPart other = audited(List.of(), reached("tcp", "8.8.1.3", 22, "c.cdn.example"));
    assertThat(entries(two, other)).hasSize(3).noneMatch(entry -> entry.startsWith("*"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"example", "co.uk", "com.au", "blob.core.windows.net", "workers.dev"})
  void makesNoWildcardWhereAnybodyCanHaveAName(String parent) {
    EgressPart job =
        audited(
            List.of(),
            reached("tcp", "8.8.1.1", 443, "a." + parent),
            reached("tcp", "8.8.1.2", 443, "b." + parent),
            reached("tcp", "8.8.1.3", 443, "c." + parent));
    assertThat(entries(job))
        .containsExactly("a." + parent + ":443", "b." + parent + ":443", "c." + parent + ":443");
  }

  @Test
  void namesBothNameAndAddressInARefusedRange() {
    EgressPart job = audited(List.of(), reached("tcp", "10.0.5.7", 5432, "db.acme.example"));
    assertThat(entries(job)).containsExactly("db.acme.example:5432", "10.0.5.7:5432");
  }

  @Test
  void saysWhatNoEntryCan() {
    EgressPart job =
        audited(
            List.of(name("asked.example", "8.8.1.1")),
            reached("icmp", "8.8.1.9", null, null),
            reached("sctp", "8.8.1.9", 443, null));
    assertThat(learn(job))
        .isEqualTo(
            new EgressLearner.Learned(
                List.of(),
                List.of(
                    "asked.example was asked for, but never connected to: no entry is made for it",
                    "icmp 8.8.1.9: no entry can allow this protocol",
                    "sctp 8.8.1.9:443: no entry can allow this protocol")));
  }

  @Test
  void leavesOutWhatWasRefusedAndNamesThatAreNone() {
    EgressPart job =
        audited(List.of(), reached("tcp", "8.8.1.1", 443, "x\u001b\"\n- evil.example"));
    assertThat(entries(job)).containsExactly("8.8.1.1:443");
    assertThat(entries(SampleEgress.FULL))
        .containsExactly("a.example:443", "198.51.100.7:123/udp", "198.51.100.9:443");
  }

  @Test
  void givesTheSameForTheSameReportsInAnyOrder() {
    EgressPart one =
        audited(
            List.of(),
            reached("tcp", "8.8.1.1", 443, "z.example"),
            reached("tcp", "8.8.9.9", 1, null));
    EgressPart other = audited(List.of(), reached("tcp", "8.8.1.2", 22, "a.example"));
    assertThat(learn(one, other, one)).isEqualTo(learn(other, one));
  }

  @Test
  void replaysWhatAPolicyWouldHaveBroken() {
    EgressPart job =
        audited(
            List.of(name("a.example", "8.8.1.1"), name("b.example", "8.8.1.2"), name("c.example")),
            reached("tcp", "8.8.1.1", 443, null),
            reached("tcp", "8.8.1.2", 22, "b.example"),
            reached("tcp", "10.0.5.7", 443, null),
            reached("icmp", "8.8.1.9", null, null));
    assertThat(EgressReplay.broken(plan(EgressMode.AUDIT, List.of()), job))
        .containsExactly(
            "tcp 10.0.5.7:443: the address is in a refused range, and no rule names a range within it");
    assertThat(EgressReplay.broken(plan(EgressMode.HTTPS, List.of("10.0.0.0/8:443")), job))
        .containsExactly(
            "tcp 8.8.1.2:22 (b.example): mode: https opens TCP port 443 only, and no rule allows it",
            "icmp 8.8.1.9: mode: https opens TCP port 443 only, and no rule allows it");
    assertThat(
            EgressReplay.broken(
                plan(EgressMode.ALLOWLIST, List.of("a.example", "8.8.1.2:22", "0.0.0.0/0:443")),
                job))
        .containsExactly(
            "tcp 10.0.5.7:443: the address is in a refused range, and no rule names a range within it",
            "icmp 8.8.1.9: no rule allows it",
            "name b.example: no rule allows to ask for it",
            "name c.example: no rule allows to ask for it");
    assertThat(EgressReplay.broken(plan(EgressMode.NONE, List.of()), job)).hasSize(5);
  }

  @Test
  void judgesTransportPortAndNameOfARule() {
    EgressPart job =
        audited(
            List.of(name("a.example", "8.8.1.1")), reached("tcp", "8.8.1.1", 8443, "a.example"));
    for (String not :
        List.of("a.example:443", "a.example:8443/udp", "*.a.example:8443", "8.8.1.2:8443")) {
      assertThat(EgressReplay.broken(plan(EgressMode.ALLOWLIST, List.of(not)), job)).isNotEmpty();
    }
    assertThat(EgressReplay.broken(plan(EgressMode.ALLOWLIST, List.of("a.example:8440-8450")), job))
        .isEmpty();
  }

  @Test
  void judgesTheAddressOfARule() {
    EgressPart job = audited(List.of(), reached("tcp", "8.8.1.1", 22, null));
    assertThat(EgressReplay.broken(plan(EgressMode.ALLOWLIST, List.of("8.8.1.2:22")), job))
        .hasSize(1);
    assertThat(EgressReplay.broken(plan(EgressMode.ALLOWLIST, List.of("8.8.1.0/24:22")), job))
        .isEmpty();
  }

  @Test
  void judgesPublicResolversAndTheGate() {
    EgressPart resolver =
        audited(
            List.of(name("dns.google", "8.8.8.8")), reached("tcp", "8.8.8.8", 443, "dns.google"));
    assertThat(EgressReplay.broken(plan(EgressMode.HTTPS, List.of()), resolver))
        .containsExactly(
            "tcp 8.8.8.8:443 (dns.google): it is a public DNS over HTTPS resolver, and no rule names it");
    assertThat(EgressReplay.broken(plan(EgressMode.ALLOWLIST, List.of("*.google")), resolver))
        .containsExactly("tcp 8.8.8.8:443 (dns.google): no rule allows it");
    assertThat(EgressReplay.broken(plan(EgressMode.HTTPS, List.of("dns.google")), resolver))
        .isEmpty();

    EgressPart unnamed = audited(List.of(), reached("tcp", "8.8.1.1", 443, null));
    EgressPlan open = plan(EgressMode.HTTPS, List.of());
    EgressPlan gated =
        new EgressPlan(
            open.mode(),
            open.rules(),
            open.refusedRanges(),
            true,
            open.refusedNames(),
            open.refusedHosts());
    assertThat(EgressReplay.broken(open, unnamed)).isEmpty();
    assertThat(EgressReplay.broken(gated, unnamed))
        .containsExactly(
            "tcp 8.8.1.1:443: the TLS gate lets only names through that the sandbox resolved");
  }

  @Test
  void doesNotBlameAPolicyForWhatWasRefusedBefore() {
    assertThat(
            EgressReplay.broken(
                plan(EgressMode.ALLOWLIST, List.of("a.example", "198.51.100.7:123/udp")),
                SampleEgress.FULL))
        .containsExactly(
            "tcp 198.51.100.9:443 (a.example): the address is in a refused range, and no rule names a"
                + " range within it");
  }
}
