package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.SpecialRanges;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EgressPlannerTest {
  private static final EgressGroups GROUPS =
      EgressGroups.of(
          Map.of(
              "@own",
              List.of(EgressRule.parse("a.example"), EgressRule.parse("10.0.5.0/24:5432")),
              "@npm",
              List.of(EgressRule.parse("packages.acme.example"))),
          HostRegistries.Reading.NOTHING);

  private static EgressPolicy policy(EgressMode mode, EgressRule... allow) {
    return new EgressPolicy(
        mode, Arrays.asList(allow), SpecialRanges.ALL, false, EgressPolicy.RefusedNames.NXDOMAIN);
  }

  private static EgressPlan plan(EgressMode mode, String... allow) {
    return EgressPlanner.plan(
        policy(mode, Arrays.stream(allow).map(EgressRule::parse).toArray(EgressRule[]::new)),
        GROUPS);
  }

  private static List<String> meanings(EgressPlan plan) {
    return plan.rules().stream().map(EgressRule::meaning).toList();
  }

  @Test
  void putsTheHostsOfAGroupInItsPlace() {
    EgressPlan plan = plan(EgressMode.ALLOWLIST, "first.example", "@own", "last.example:22");
    assertThat(meanings(plan))
        .containsExactly(
            "first.example:443/tcp",
            "a.example:443/tcp",
            "10.0.5.0/24:5432/tcp",
            "last.example:22/tcp");
    assertThat(plan.rules().get(1).text()).isEqualTo("@own (a.example)");
    assertThat(plan.rulesFor(DomainName.parse("a.example")))
        .extracting(EgressPlan.Numbered::number)
        .containsExactly(2);
  }

  @Test
  void carriesTheTermsOfTheRuleOver() {
    EgressRule.Terms terms = new EgressRule.Terms(Optional.of(ByteSize.ofMiB(200)), true, false);
    EgressPlan plan =
        EgressPlanner.plan(
            policy(EgressMode.ALLOWLIST, EgressRule.parse("@own").on(terms)), GROUPS);
    assertThat(plan.rules())
        .extracting(EgressRule::terms)
        .containsExactly(terms, new EgressRule.Terms(terms.maxUpload(), false, false));
  }

  @Test
  void keepsTheFirstOfRulesThatSayTheSame() {
    assertThat(meanings(plan(EgressMode.ALLOWLIST, "a.example:443", "@own")))
        .containsExactly("a.example:443/tcp", "10.0.5.0/24:5432/tcp");
  }

  @Test
  void takesTheOperatorsGroupForMayflysOwn() {
    assertThat(meanings(plan(EgressMode.ALLOWLIST, "@npm")))
        .containsExactly("packages.acme.example:443/tcp");
  }

  @Test
  void refusesGroupsThatThereAreNot() {
    assertThatThrownBy(() -> plan(EgressMode.ALLOWLIST, "@gitub"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("there is no group \"@gitub\": the known ones are @github, ");
  }

  @Test
  void makesRefusedRangesThatDoNotOverlap() {
    List<IpRange> refused = plan(EgressMode.HTTPS).refusedRanges();
    for (IpRange one : refused) {
      assertThat(refused.stream().filter(other -> other.contains(one))).containsExactly(one);
    }
    assertThat(SpecialRanges.ALL)
        .allSatisfy(range -> assertThat(refused).anyMatch(outer -> outer.contains(range)));
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS", "AUDIT"})
  void refusesPublicResolversByNameAndAddress(EgressMode mode) {
    EgressPlan plan = plan(mode);
    assertThat(plan.mayResolve(DomainName.parse("dns.google"))).isFalse();
    assertThat(plan.mayResolve(DomainName.parse("mozilla.cloudflare-dns.com"))).isFalse();
    assertThat(plan.mayResolve(DomainName.parse("www.google.com"))).isTrue();
    assertThat(plan.refusedHosts().addresses())
        .contains(IpRange.parse("1.1.1.1"), IpRange.parse("2001:4860:4860::8888"));
  }

  @ParameterizedTest
  @CsvSource({
    "dns.google, true, true",
    "x.dns.google, false, true",
    "'*.dns.google', false, true",
    "'*.google', false, false",
    "8.8.8.8:443, false, true",
    "8.8.8.0/24:443, false, false",
    "0.0.0.0/0:443, false, false"
  })
  void opensAPublicResolverOnlyToRulesThatNameIt(String rule, boolean name, boolean address) {
    EgressPlan plan = plan(EgressMode.HTTPS, rule);
    assertThat(plan.mayResolve(DomainName.parse("dns.google"))).isEqualTo(name || address);
    assertThat(!plan.refusedHosts().addresses().contains(IpRange.parse("8.8.4.4")))
        .isEqualTo(address);
    assertThat(plan.mayResolve(DomainName.parse("cloudflare-dns.com"))).isFalse();
  }

  @Test
  void letsNoWildcardOpenAResolverBelowIt() {
    EgressPlan plan = plan(EgressMode.ALLOWLIST, "*.google.com", "*.quad9.net", "dns9.quad9.net");
    assertThat(plan.mayResolve(DomainName.parse("www.google.com"))).isTrue();
    assertThat(plan.mayResolve(DomainName.parse("dns.google.com"))).isFalse();
    assertThat(plan.mayResolve(DomainName.parse("dns9.quad9.net"))).isTrue();
  }

  /** A plan can be made by others than the planner, which leaves out all of a service. */
  @Test
  void givesAResolverBelowAWildcardNoneOfItsRules() {
    EgressPlan plan = plan(EgressMode.ALLOWLIST, "*.google.com", "dns9.quad9.net");
    assertThat(plan.rulesFor(DomainName.parse("dns.google.com"))).isEmpty();
    assertThat(plan.rulesFor(DomainName.parse("www.google.com"))).hasSize(1);
    assertThat(plan.rulesFor(DomainName.parse("dns9.quad9.net"))).hasSize(1);
  }

  @Test
  void letsNamesOfTheCiServerAloneIntoTheOrganisationsNetwork() {
    EgressPlan plan =
        EgressPlanner.plan(
            policy(EgressMode.ALLOWLIST, EgressRule.parse("a.example:443"))
                .withServer(List.of(EgressRule.parse("gitlab.example:8443"))),
            GROUPS);
    InetAddress inside = InetAddress.ofLiteral("10.0.5.7");
    List<EgressPlan.Numbered> server = plan.rulesFor(DomainName.parse("gitlab.example"));

    assertThat(plan.mayAnswer(inside, server)).isTrue();
    assertThat(plan.mayAnswer(InetAddress.ofLiteral("fd00::7"), server)).isTrue();
    assertThat(plan.mayAnswer(inside, plan.rulesFor(DomainName.parse("a.example")))).isFalse();
    for (String never : List.of("169.254.169.254", "127.0.0.1", "fd00:ec2::254", "224.0.0.1")) {
      assertThat(plan.mayAnswer(InetAddress.ofLiteral(never), server)).as(never).isFalse();
    }
  }

  @Test
  void takesExactHostsAloneForTheCiServer() {
    EgressPolicy policy = policy(EgressMode.ALLOWLIST);
    assertThatThrownBy(() -> policy.withServer(List.of(EgressRule.parse("*.example:443"))))
        .hasMessageContaining("no exact host of the CI server");
    assertThatThrownBy(() -> policy.withServer(List.of(EgressRule.parse("@own"))))
        .hasMessageContaining("name each of them");
    assertThat(policy.withServer(List.of(EgressRule.parse("10.0.5.7:8443"))).server())
        .extracting(EgressRule::text)
        .containsExactly("10.0.5.7:8443");
  }

  @Test
  void resolvesARefusedNameOnlyToRulesAtOrBelowIt() {
    EgressPlan plan =
        new EgressPlan(
            EgressMode.ALLOWLIST,
            List.of(
                EgressRule.parse("*.example"),
                EgressRule.parse("*.named.doh.example"),
                EgressRule.parse("exact.doh.example")),
            List.of(),
            false,
            EgressPolicy.RefusedNames.NXDOMAIN,
            new EgressPlan.RefusedHosts(List.of(DomainName.parse("doh.example")), List.of()));
    assertThat(plan.mayResolve(DomainName.parse("a.example"))).isTrue();
    assertThat(plan.mayResolve(DomainName.parse("doh.example"))).isFalse();
    assertThat(plan.mayResolve(DomainName.parse("x.doh.example"))).isFalse();
    assertThat(plan.mayResolve(DomainName.parse("x.named.doh.example"))).isTrue();
    assertThat(plan.mayResolve(DomainName.parse("exact.doh.example"))).isTrue();
  }

  @Test
  void keepsRulesThatDifferInTheirTerms() {
    EgressRule.Terms terms = new EgressRule.Terms(Optional.of(ByteSize.ofMiB(1)), false, false);
    EgressRule rule = EgressRule.parse("a.example");
    assertThat(
            EgressPlanner.plan(policy(EgressMode.ALLOWLIST, rule, rule.on(terms)), GROUPS).rules())
        .hasSize(2);
  }

  @Test
  void resolvesNothingInModeNone() {
    assertThat(plan(EgressMode.NONE).mayResolve(DomainName.parse("a.example"))).isFalse();
  }

  @Test
  void answersRefusedAddressesOnlyWhereARangeWithinThemIsAllowed() throws Exception {
    EgressPlan plan = plan(EgressMode.ALLOWLIST, "10.0.5.0/24:5432", "0.0.0.0/0:80");
    assertThat(plan.mayAnswer(IpRange.parse("10.0.5.9").first())).isTrue();
    assertThat(plan.mayAnswer(IpRange.parse("10.0.6.9").first())).isFalse();
    assertThat(plan.mayAnswer(IpRange.parse("169.254.169.254").first())).isFalse();
    assertThat(plan.mayAnswer(IpRange.parse("8.8.8.8").first())).isTrue();
  }
}
