package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rules and keys of {@code egress} do, each beside a job that lacks it. */
final class EgressModesIT extends EgressJobs {

  EgressModesIT(EgressWorld world, @TempDir Path directory) {
    super(world, directory);
  }

  /** Policies by name, each with the {@code egress} that is given for it. */
  private Mayfly mayfly(String... namesAndEgress) {
    StringBuilder yaml = new StringBuilder(EgressWorld.NETWORK).append("policies:\n");
    for (int i = 0; i < namesAndEgress.length; i += 2) {
      yaml.append(
          "  - {name: %s, egress: {%s}}\n".formatted(namesAndEgress[i], namesAndEgress[i + 1]));
    }
    return Mayfly.onPrivateEngine(directory, yaml.toString());
  }

  private static String allowing(String... rules) {
    return "mode: allowlist, allow: [%s], refuse-ranges: %s"
        .formatted(String.join(", ", rules), EgressWorld.REFUSED_RANGES);
  }

  @Test
  void refusesTheSpecialPurposeRegistriesUnlessToldOtherwise() {
    Mayfly mayfly =
        mayfly(
            "default",
            "mode: https",
            "told",
            "mode: https, refuse-ranges: " + EgressWorld.REFUSED_RANGES);
    String[] attempts = {"direct-ip", "direct-ip6", "https:allowed.test"};

    EgressAttempts byDefault = tried(mayfly, "default", attempts);
    EgressAttempts told = tried(mayfly, "told", attempts);

    assertThat(byDefault.resultOf("direct-ip")).isEqualTo("ECONNREFUSED");
    assertThat(byDefault.resultOf("direct-ip6")).isEqualTo("ECONNREFUSED");
    assertThat(byDefault.resultOf("https:allowed.test")).startsWith("EAI_");
    for (String attempt : attempts) {
      assertThat(told.resultOf(attempt)).isEqualTo("CONNECTED");
    }
  }

  @Test
  void isHttpsWhereAPolicySaysNothing() {
    Mayfly mayfly = Mayfly.onPrivateEngine(directory, EgressWorld.NETWORK);

    assertThat(mayfly.exec("true").exitCode()).isZero();

    assertThat(EgressReport.last(mayfly).mode()).isEqualTo("https");
  }

  @Test
  void hasNoDeviceInModeNone() {
    Mayfly mayfly = mayfly("none", "mode: none", "https", "mode: https");
    String[] devices = {
      "python3", "-c", "import socket; print([n for _, n in socket.if_nameindex()])"
    };

    String none = mayfly.execWith(List.of("--policy", "none"), devices).stdout();
    String https = mayfly.execWith(List.of("--policy", "https"), devices).stdout();

    assertThat(none).doesNotContain("eth0");
    assertThat(https).contains("eth0");
  }

  @Test
  void opensTheNamedPortOfANameAndNoOther() {
    Mayfly mayfly = mayfly("p", allowing("'allowed.test:8443'"));

    EgressAttempts tried = tried(mayfly, "p", "other-port", "ssh-port", "https:allowed.test");

    assertThat(tried.resultOf("other-port")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("ssh-port")).isEqualTo("ECONNREFUSED");
    assertThat(tried.resultOf("https:allowed.test")).isEqualTo("ECONNREFUSED");
  }

  @Test
  void opensWhatAWildcardCoversAndNotTheNameAboveIt() {
    Mayfly mayfly = mayfly("p", allowing("'*.allowed.test:443'"));

    EgressAttempts tried =
        tried(mayfly, "p", "https:www.allowed.test", "https:allowed.test", "https:other.test");

    assertThat(tried.resultOf("https:www.allowed.test")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("https:allowed.test")).isEqualTo("EAI_NONAME");
    assertThat(tried.resultOf("https:other.test")).isEqualTo("EAI_NONAME");
  }

  @Test
  void opensAPrivateRangeThatARuleIsAboutByAddressAndForNames() {
    Mayfly mayfly =
        mayfly(
            "closed", allowing("'db.private.test:5432'"),
            "open", allowing("'10.77.0.0/24:5432'", "'db.private.test:5432'"),
            "wide", allowing("'0.0.0.0/0:5432'", "'0.0.0.0/0:80'", "'db.private.test:5432'"));
    String byAddress = "tcp:10.77.0.5:5432";

    EgressAttempts closed = tried(mayfly, "closed", byAddress, "private-name");
    EgressAttempts open = tried(mayfly, "open", byAddress, "private-name", "tcp:10.77.0.5:22");
    EgressAttempts wide =
        tried(mayfly, "wide", byAddress, "private-name", "metadata-ip", "tcp:203.0.113.10:5432");

    assertThat(closed.resultOf(byAddress)).isEqualTo("ECONNREFUSED");
    assertThat(closed.resultOf("private-name")).isEqualTo("EAI_NODATA");
    assertThat(open.resultOf(byAddress)).isEqualTo("CONNECTED");
    assertThat(open.resultOf("private-name")).isEqualTo("CONNECTED");
    assertThat(open.resultOf("tcp:10.77.0.5:22")).isEqualTo("ECONNREFUSED");
    assertThat(wide.resultOf("tcp:203.0.113.10:5432")).isEqualTo("CONNECTED");
    assertThat(wide.resultOf(byAddress)).isEqualTo("ECONNREFUSED");
    assertThat(wide.resultOf("metadata-ip")).isEqualTo("ECONNREFUSED");
  }

  @Test
  void letsAConnectionWithoutServerNameThroughWhereTheRuleSaysSo() {
    Mayfly mayfly =
        mayfly(
            "strict", allowing("'good.cdn.test:443'"),
            "lax", allowing("{to: 'good.cdn.test:443', without-sni: true}"));

    EgressAttempts strict = tried(mayfly, "strict", "no-sni", "cdn-good");
    EgressAttempts lax = tried(mayfly, "lax", "no-sni", "fronting-sni", "encrypted-hello");

    assertThat(strict.resultOf("cdn-good")).isEqualTo("CONNECTED");
    assertThat(strict.resultOf("no-sni")).isNotEqualTo("CONNECTED");
    assertThat(lax.resultOf("no-sni")).isEqualTo("CONNECTED");
    assertThat(lax.resultOf("fronting-sni")).isNotEqualTo("CONNECTED");
    assertThat(lax.resultOf("encrypted-hello")).isNotEqualTo("CONNECTED");
  }

  @Test
  void letsAnEncryptedHelloThroughWhereTheRuleSaysSo() {
    Mayfly mayfly = mayfly("p", allowing("{to: 'good.cdn.test:443', encrypted-hello: true}"));

    EgressAttempts tried = tried(mayfly, "p", "encrypted-hello", "no-sni", "fronting-sni");

    assertThat(tried.resultOf("encrypted-hello")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("no-sni")).isNotEqualTo("CONNECTED");
    assertThat(tried.resultOf("fronting-sni")).isNotEqualTo("CONNECTED");
  }

  @Test
  void cutsAnUploadThatIsLargerThanItsRuleAllows() {
    Mayfly mayfly =
        mayfly(
            "bounded",
            allowing("{to: 'allowed.test:80', max-upload: 1MiB}", "'203.0.113.66:80'"),
            "unbounded",
            allowing("'203.0.113.10:80'"));
    // The name opens the address; what is counted is the rule's, over all connections.
    String small = "upload:203.0.113.10:80:300000";
    String large = "upload:203.0.113.10:80:3000000";

    EgressAttempts bounded =
        tried(
            mayfly,
            "bounded",
            "dns:allowed.test:A",
            small,
            large,
            "tcp:203.0.113.10:80",
            "upload:203.0.113.66:80:3000000");
    EgressReport report = EgressReport.last(mayfly);
    EgressAttempts unbounded = tried(mayfly, "unbounded", large);

    assertThat(unbounded.resultOf(large)).isEqualTo("CONNECTED");
    assertThat(bounded.resultOf(small)).isEqualTo("CONNECTED");
    assertThat(bounded.resultOf(large)).isNotEqualTo("CONNECTED");
    assertThat(bounded.resultOf("tcp:203.0.113.10:80")).isNotEqualTo("CONNECTED");
    assertThat(bounded.resultOf("upload:203.0.113.66:80:3000000")).isEqualTo("CONNECTED");
    assertThat(report.connection("tcp", EgressWorld.ALLOWED, 80, "refused"))
        .hasValueSatisfying(cut -> assertThat(cut.reason()).contains("1MiB"));
  }

  @Test
  void recordsInModeAuditWhatItLetsThrough() {
    Mayfly mayfly =
        mayfly(
            "p",
            "mode: audit, allow: ['allowed.test:443'], refuse-ranges: "
                + EgressWorld.REFUSED_RANGES);

    tried(mayfly, "p", "good", "attacker-port", "attacker-udp", "metadata-ip");
    EgressReport report = EgressReport.last(mayfly);

    assertThat(report.connection("tcp", EgressWorld.ALLOWED, 443, "allowed"))
        .hasValueSatisfying(one -> assertThat(one.name()).isEqualTo("allowed.test"));
    assertThat(report.connection("tcp", EgressWorld.ATTACKER, EgressWorld.SINK_PORT, "audited"))
        .isPresent();
    assertThat(report.connection("udp", EgressWorld.ATTACKER, EgressWorld.SINK_PORT, "audited"))
        .isPresent();
    assertThat(report.connection("tcp", "169.254.169.254", 80, "refused")).isPresent();
  }

  /** A policy's way out, and what a finding about it causes. */
  private static String with(String reaction, String egress) {
    return egress + "}, on-finding: {egress: " + reaction;
  }

  @Test
  void letsThroughWhatItWouldRefuseWhereFindingsAreOnlyRecorded() {
    String egress = allowing("'allowed.test:443'");
    Mayfly mayfly = mayfly("recording", with("audit", egress), "blocking", with("block", egress));

    EgressAttempts recording = tried(mayfly, "recording", "attacker-port", "metadata-ip");
    EgressReport report = EgressReport.last(mayfly);
    EgressAttempts blocking = tried(mayfly, "blocking", "attacker-port");

    assertThat(blocking.resultOf("attacker-port")).isEqualTo("ECONNREFUSED");
    assertThat(recording.resultOf("attacker-port")).isEqualTo("CONNECTED");
    assertThat(recording.resultOf("metadata-ip")).isEqualTo("ECONNREFUSED");
    assertThat(report.mode()).isEqualTo("audit");
    assertThat(report.connection("tcp", EgressWorld.ATTACKER, EgressWorld.SINK_PORT, "audited"))
        .isPresent();
  }

  @Test
  void endsTheSandboxAtTheFirstRefusalWhereThePolicySaysSo() {
    Mayfly mayfly = mayfly("killing", with("kill", allowing("'allowed.test:443'")));
    List<String> options = EgressAttempts.options("killing", probe);

    Mayfly.Result good = mayfly.execWith(options, EgressAttempts.command("good"));
    Mayfly.Result bad =
        mayfly.execWith(
            options,
            "sh",
            "-c",
            String.join(" ", EgressAttempts.command("attacker-port")) + "; sleep 60");

    assertThat(good.exitCode()).isZero();
    assertThat(bad.exitCode()).isEqualTo(122);
    assertThat(bad.stderr()).contains("203.0.113.66:4444", "egress.allow of policy killing");
  }

  @Test
  void tellsARefusedDestinationOnceWithTheLineThatWouldAllowIt() {
    Mayfly mayfly = mayfly("p", allowing("'allowed.test:443'"));

    EgressAttempts tried =
        tried(
            mayfly,
            "p",
            "attacker-port",
            "tcp:203.0.113.66:4444",
            "other-port",
            "https:other.test",
            "dns:other.test:A");
    String stderr = tried.result().stderr();
    EgressReport report = EgressReport.last(mayfly);

    assertThat(stderr.lines().filter(line -> line.contains("203.0.113.66")))
        .isNotEmpty()
        .anyMatch(line -> line.contains("203.0.113.66:4444"));
    assertThat(countOf(stderr, "\"203.0.113.66:4444\"") + countOf(stderr, "- 203.0.113.66:4444"))
        .as(stderr)
        .isLessThanOrEqualTo(1);
    assertThat(stderr).contains("allowed.test:8443", "other.test:443", "egress.allow of policy p");
    assertThat(stderr).doesNotContain("\u001b");
    assertThat(report.connection("tcp", EgressWorld.ATTACKER, EgressWorld.SINK_PORT, "refused"))
        .hasValueSatisfying(
            found -> {
              assertThat(found.count()).isGreaterThanOrEqualTo(2);
              assertThat(found.allow()).isEqualTo("203.0.113.66:4444");
            });
  }

  private static int countOf(String text, String part) {
    return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
  }

  /** What is suggested is what works. */
  @Test
  void allowsWhatItSuggested() {
    Mayfly strict = mayfly("p", allowing("'allowed.test:443'"));
    tried(strict, "p", "attacker-port", "other-port");
    List<String> suggested =
        EgressReport.last(strict).connections().stream()
            .filter(EgressReport.Connection::refused)
            .map(EgressReport.Connection::allow)
            .map(rule -> "'" + rule + "'")
            .toList();
    Mayfly followed = mayfly("p", allowing(suggested.toArray(String[]::new)));

    EgressAttempts tried = tried(followed, "p", "attacker-port", "other-port", "ssh-port");

    assertThat(suggested).hasSize(2);
    assertThat(tried.resultOf("attacker-port")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("other-port")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("ssh-port")).isEqualTo("ECONNREFUSED");
  }

  @Test
  void leavesTheJobsExitCodeAndOutputAlone() throws IOException {
    Mayfly mayfly = mayfly("p", allowing("'allowed.test:443'"));

    Mayfly.Result result =
        mayfly.execWith(
            EgressAttempts.options("p", probe),
            "sh",
            "-c",
            "python3 egress.py attacker-port >/dev/null; echo out; exit 7");

    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.exitCode()).isEqualTo(7);
    assertThat(world.received(EgressWorld.ATTACKER)).noneMatch(p -> p.payload().contains("out"));
  }
}
