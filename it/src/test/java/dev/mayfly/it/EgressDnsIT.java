package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sandbox learns of names, what it may then reach, and for how long. */
final class EgressDnsIT extends EgressJobs {
  private static final String POLICIES =
      """
      network: {dns-servers: [%1$s]}
      policies:
        - name: p
          egress: {mode: allowlist, allow: ["*.allowed.test:443", "short.allowed.test:8443"], refuse-ranges: %2$s}
        - name: refused
          egress: {mode: allowlist, allow: ["*.allowed.test:443"], refuse-ranges: %2$s, refused-names: refused}
        - name: other
          egress: {mode: allowlist, allow: ["other.test:443"], refuse-ranges: %2$s}
      """
          .formatted(EgressWorld.NAME_SERVER, EgressWorld.REFUSED_RANGES);

  private final Mayfly mayfly;

  EgressDnsIT(EgressWorld world, @TempDir Path directory) {
    super(world, directory);
    this.mayfly = Mayfly.onPrivateEngine(directory, POLICIES);
  }

  private EgressAttempts tried(String policy, String... attempts) {
    return tried(mayfly, policy, attempts);
  }

  private EgressReport.Name reported(String name, String type) {
    return EgressReport.last(mayfly).names().stream()
        .filter(one -> one.name().equals(name) && one.type().equals(type))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in the report"));
  }

  @Test
  void followsAndRecordsAliases() {
    EgressAttempts tried = tried("p", "https:alias.allowed.test", "https:hop.chain.test");

    assertThat(tried.resultOf("https:alias.allowed.test")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("https:hop.chain.test")).isEqualTo("EAI_NONAME");
    EgressReport.Name recorded = reported("alias.allowed.test", "A");
    assertThat(recorded.chain()).containsExactly("hop.chain.test", "last.chain.test");
    assertThat(recorded.addresses()).contains(EgressWorld.ALLOWED);
  }

  @Test
  void givesUpOnAliasesThatLeadNowhere() {
    EgressAttempts tried = tried("p", "dns:loop.allowed.test:A", "dns:deep0.allowed.test:A");

    for (String attempt : List.of("dns:loop.allowed.test:A", "dns:deep0.allowed.test:A")) {
      assertThat(tried.resultOf(attempt)).isIn("SERVFAIL", "NXDOMAIN", "REFUSED", "NODATA");
      assertThat(tried.get(attempt).millis()).isLessThan(2000);
    }
  }

  @Test
  void opensIpv6AsItOpensIpv4() {
    EgressAttempts tried =
        tried(
            "p",
            "tls:[2001:db8:1::10]:v6.allowed.test",
            "dns:v6.allowed.test:AAAA",
            "tls:[2001:db8:1::10]:v6.allowed.test:again");

    assertThat(tried.resultOf("tls:[2001:db8:1::10]:v6.allowed.test")).isEqualTo("ECONNREFUSED");
    assertThat(tried.resultOf("dns:v6.allowed.test:AAAA")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("tls:[2001:db8:1::10]:v6.allowed.test:again")).isEqualTo("CONNECTED");
  }

  @Test
  void answersRefusedNamesAsThePolicyLikes() {
    EgressAttempts nxdomain = tried("p", "dns:other.test:A", "dns:other.test:AAAA");
    EgressAttempts refused = tried("refused", "dns:other.test:A");

    assertThat(nxdomain.resultOf("dns:other.test:A")).isEqualTo("NXDOMAIN");
    assertThat(nxdomain.resultOf("dns:other.test:AAAA")).isEqualTo("NXDOMAIN");
    assertThat(refused.resultOf("dns:other.test:A")).isEqualTo("REFUSED");
  }

  @Test
  void asksUpstreamForAllowedNamesOnly() {
    double began = System.currentTimeMillis() / 1000.0;

    tried("p", "dns:other.test:A", "dns:www.allowed.test:A", "dns:attacker.test:A");

    assertThat(world.evidence().askedWithin(began, Double.MAX_VALUE))
        .extracting(Evidence.Question::name)
        .isNotEmpty()
        .containsOnly("www.allowed.test");
  }

  @Test
  void answersFromItsCacheAndCountsEachQuestion() {
    double began = System.currentTimeMillis() / 1000.0;
    String asked = "dns:long.allowed.test:A";

    tried("p", asked, asked + ":2", asked + ":3");

    assertThat(world.evidence().askedWithin(began, Double.MAX_VALUE))
        .filteredOn(question -> question.name().equals("long.allowed.test"))
        .filteredOn(question -> question.type().equals("A"))
        .hasSize(1);
    assertThat(reported("long.allowed.test", "A").count()).isEqualTo(3);
  }

  @Test
  void countsTheQuestionsThatATunnelThroughAnAllowedZoneNeeds() {
    assertThat(tried("p", "tunnel-allowed").resultOf("tunnel-allowed")).isEqualTo("CONNECTED");

    assertThat(EgressReport.last(mayfly).names())
        .anyMatch(name -> name.name().endsWith(".allowed.test") && name.count() == 1);
  }

  /** The probe waits until the address is closed again, whatever the answer's time was made. */
  @Test
  void closesAnAddressAfterItsTimeAndLeavesEstablishedConnectionsOpen() {
    Mayfly.Result result =
        mayfly.execWith(
            EgressAttempts.options("p", probe),
            EgressAttempts.command("outlive", "short.allowed.test", "8443"));

    assertThat(result.stdout().lines())
        .as(result.stderr())
        .containsExactly(
            "first CONNECTED", "later ECONNREFUSED", "established CONNECTED", "again CONNECTED");
  }

  @Test
  void keepsOneSandboxsPermissionFromAnother() throws Exception {
    String address = "tls:203.0.113.10:www.allowed.test";
    try (RunningExec running =
        new RunningExec(
            mayfly.start(
                mayfly.execLine(
                    EgressAttempts.options("p", probe),
                    "sh",
                    "-c",
                    "python3 egress.py https:www.allowed.test; echo open; read _; python3 egress.py "
                        + address)))) {
      running.awaitLine("open");

      EgressAttempts other = tried("other", address, "https:other.test");
      running.endInput();
      EgressAttempts own = EgressAttempts.parse(running.await());

      assertThat(own.resultOf(address)).isEqualTo("CONNECTED");
      assertThat(other.resultOf(address)).isEqualTo("ECONNREFUSED");
      assertThat(other.resultOf("https:other.test")).isEqualTo("CONNECTED");
    }
  }
}
