package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.SpecialRanges;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EgressGroupsTest {
  private static final EgressGroups GROUPS =
      EgressGroups.of(
          Map.of(
              "@own",
              List.of(EgressRule.parse("a.example")),
              "@npm",
              List.of(),
              "@ghcr",
              List.of()),
          new HostRegistries.Reading(
              Map.of(
                  "@npm",
                  List.of(new HostRegistries.Found(EgressRule.parse("n.example"), "/etc/npmrc")),
                  "@pypi",
                  List.of(
                      new HostRegistries.Found(EgressRule.parse("p.example"), "/etc/pip.conf"))),
              List.of()));

  private static List<String> warnings(List<IpRange> refused, String... allow) {
    return GROUPS.warnings(
        new EgressPolicy(
            EgressMode.ALLOWLIST,
            Arrays.stream(allow).map(EgressRule::parse).toList(),
            refused,
            false,
            EgressPolicy.RefusedNames.NXDOMAIN));
  }

  @Test
  void hasASourceForEveryShippedEntry() {
    for (String name : EgressGroups.builtInNames()) {
      if (!HostRegistries.GROUPS.contains(name)) {
        assertThat(EgressGroups.of(Map.of(), HostRegistries.Reading.NOTHING).group(name).entries())
            .as(name)
            .isNotEmpty()
            .allSatisfy(entry -> assertThat(entry.source()).contains(": https://"));
      }
    }
    assertThat(EgressGroups.builtInNames())
        .contains("@github", "@gitlab-com", "@ghcr", "@aws-sts", "@gcp-sts", "@azure-login")
        .containsAll(HostRegistries.GROUPS);
  }

  @Test
  void takesTheOperatorsGroupsBeforeTheHostsAndTheHostsBeforeItsOwn() {
    assertThat(GROUPS.group("@npm"))
        .isEqualTo(
            new EgressGroups.Group("@npm", List.of(), Optional.of("replaced by egress-groups")));
    assertThat(GROUPS.group("@ghcr").entries()).isEmpty();
    assertThat(GROUPS.group("@pypi").entries())
        .containsExactly(
            new EgressGroups.Entry(
                EgressRule.parse("p.example"), "/etc/pip.conf", Optional.empty()));
    assertThat(GROUPS.group("@own").note()).isEmpty();
  }

  @Test
  void marksEveryShippedEntryThatIsAtASharedHost() {
    for (String name : EgressGroups.builtInNames()) {
      assertThat(EgressGroups.of(Map.of(), HostRegistries.Reading.NOTHING).group(name).entries())
          .allSatisfy(
              entry ->
                  assertThat(entry.risk().isPresent())
                      .as(entry.rule().text())
                      .isEqualTo(EgressGroups.riskOf(entry.rule()).isPresent()));
    }
  }

  @Test
  void warnsOfWhatLetsDataOutAndOfWhatAllowsNothing() {
    assertThat(warnings(SpecialRanges.ALL, "@github-actions-cache", "@own", "@maven", "a.example"))
        .containsExactly(
            "@github-actions-cache: *.blob.core.windows.net: anybody can rent a storage account below"
                + " this name and read what a job sends there",
            "@maven allows nothing: nothing configured on this host: set egress-groups");
  }

  @Test
  void warnsWhereCloudMetadataIsOpen() {
    assertThat(warnings(List.of(IpRange.parse("10.0.0.0/8"), IpRange.parse("fc00::/7"))))
        .containsExactly(
            "refuse-ranges leaves cloud metadata open: 169.254.169.254/32",
            "refuse-ranges leaves cloud metadata open: 168.63.129.16/32",
            "refuse-ranges leaves cloud metadata open: 100.100.100.200/32",
            "refuse-ranges leaves cloud metadata open: 192.0.0.192/32");
    assertThat(warnings(SpecialRanges.ALL)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "*.blob.core.windows.net, true",
    "*.windows.net, true",
    "*.net, true",
    "*.example, true",
    "*.amazonaws.com, true",
    "storage.googleapis.com, true",
    "*.storage.googleapis.com, true",
    "*.googleapis.com, true",
    "gist.github.com, true",
    "*.github.com, true",
    "mine.blob.core.windows.net, false",
    "*.mine.blob.core.windows.net, false",
    "sts.amazonaws.com, false",
    "sts.googleapis.com, false",
    "github.com, false",
    "*.example.org, false",
    "0.0.0.0/0:443, true",
    "10.0.0.0/8:443, false",
    "10.0.0.0/7:443, true",
    "[2000::/3]:443, true",
    "[2001:db8::/32]:443, false",
    "ns.example.org:53/udp, true",
    "192.0.2.1:853, true",
    "192.0.2.1:1-65535, true",
    "a.example.org:443/udp, true",
    "a.example.org:8443, false"
  })
  void seesRisksOfSingleRules(String rule, boolean risk) {
    assertThat(EgressGroups.riskOf(EgressRule.parse(rule)).isPresent()).isEqualTo(risk);
  }
}
