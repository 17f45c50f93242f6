package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The test world is what the other tests take it for. */
@ExtendWith(EgressWorld.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressWorldIT {
  /** Attempts that fail in the control, too, because of the kernel or the server, and how. */
  private static final Map<String, String> NOT_HERE =
      Map.of("sctp", "EPROTONOSUPPORT", "dccp", "ESOCKTNOSUPPORT", "plain-on-443", "EOF");

  /** Attempts that send nothing to the world by which it could be told that they were made. */
  private static final List<String> SILENT =
      List.of(
          "sctp",
          "dccp",
          "udplite",
          "mptcp",
          "packet-socket",
          "arp-spoof",
          "nd-spoof",
          "route-add",
          "address-add",
          "neighbour-add",
          "namespaces");

  /** Attempts that have no canary to send. */
  private static final List<String> WITHOUT_CANARY =
      List.of(
          "tunnel-allowed-txt",
          "dns-any",
          "dns-axfr",
          "ech-keys",
          "hint-metadata",
          "cdn-good-records",
          "records-hello",
          "encrypted-hello",
          "metadata-name-flipped");

  private final EgressWorld world;
  private final EgressAttempts control;
  private final Evidence evidence;

  EgressWorldIT(EgressWorld world) {
    this.world = world;
    this.control = EgressAttempts.ofControl("all");
    this.evidence = world.evidence();
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void everyAttemptWorksWhereNothingIsForbidden() {
    Map<String, String> failed = new TreeMap<>();
    control.byName().values().stream()
        .filter(attempt -> !attempt.result().equals("CONNECTED"))
        .forEach(attempt -> failed.put(attempt.name(), attempt.result()));

    assertThat(failed).isEqualTo(NOT_HERE);
  }

  @Test
  void everyAttemptThatWorksLeavesItsCanaryInTheEvidence() {
    assertThat(control.byName().values())
        .hasSizeGreaterThan(80)
        .filteredOn(
            attempt -> !SILENT.contains(attempt.name()) && !WITHOUT_CANARY.contains(attempt.name()))
        .allSatisfy(
            attempt ->
                assertThat(evidence.holds(attempt.canary())).as(attempt.toString()).isTrue());
  }

  @Test
  void everyAttemptThatIsMadeIsSeenInItsOwnTime() {
    assertThat(control.byName().values())
        .filteredOn(attempt -> !SILENT.contains(attempt.name()))
        .allSatisfy(
            attempt -> {
              boolean seen =
                  !evidence.newWithin(attempt.began(), attempt.ended()).isEmpty()
                      || !evidence.askedWithin(attempt.began(), attempt.ended()).isEmpty();
              assertThat(seen).as(attempt.toString()).isTrue();
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp:203.0.113.10:22",
        "tcp:203.0.113.10:5432",
        "tcp:203.0.113.10:8443",
        "tcp:203.0.113.66:4444",
        "tcp:[2001:db8:1::66]:4444",
        "udp:203.0.113.66:4444",
        "udp:203.0.113.10:443",
        "udp:[2001:db8:1::10]:443",
        "tls:203.0.113.20:good.cdn.test",
        "tls:[2001:db8:1::20]:evil.cdn.test",
        "upload:203.0.113.10:80:100000",
        "metadata-ip",
        "metadata-ip6",
        "tcp:203.0.113.30:8443",
        "six-to-four",
        "teredo",
        "nat64",
        "private-ip",
        "private-ip6",
        "dns-udp-other",
        "dns-udp6-other",
        "dns-tcp-other",
        "dot",
        "doh-ip",
      })
  void everyServerAnswersTheHost(String attempt) {
    EgressAttempts.Attempt made = EgressAttempts.ofHost(attempt).get(attempt);

    assertThat(made.result()).isEqualTo("CONNECTED");
    assertThat(world.evidence().holds(made.canary())).isTrue();
  }

  @Test
  void tellsSourcesThatAreForged() {
    EgressAttempts.Attempt forged = control.get("spoof-raw");

    assertThat(evidence.packets())
        .filteredOn(packet -> packet.payload().equals(forged.canary()))
        .singleElement()
        .satisfies(
            packet -> {
              assertThat(packet.source()).isEqualTo(EgressWorld.SILENT);
              assertThat(packet.destination()).isEqualTo(EgressWorld.ATTACKER);
            });
  }

  @Test
  void tellsProtocolsThatTheKernelDoesNotSpeak() {
    assertThat(evidence.packets())
        .extracting(Evidence.Packet::protocol)
        .contains("tcp", "udp", "icmp", "icmpv6", "sctp", "dccp", "ip-47", "ip-253");
  }

  @Test
  void recordsEveryQuestionOfATunnel() {
    assertThat(world.questions("tunnel.test"))
        .anySatisfy(
            question -> assertThat(question.name()).contains(control.get("tunnel-other").canary()))
        .extracting(Evidence.Question::transport)
        .contains("udp", "tcp");
  }

  /** Where nothing of the world is, there is no way out of the machine either. */
  @ParameterizedTest
  @ValueSource(strings = {"203.0.113.200", "169.254.7.7", "10.77.0.200", "2002::1", "64:ff9b::1"})
  void hasNoWayFromItsAddressesToAnywhereElse(String address)
      throws IOException, InterruptedException {
    Process lookup =
        new ProcessBuilder("ip", "-o", "route", "get", address).redirectErrorStream(true).start();
    String said = new String(lookup.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    if (lookup.waitFor() == 0) {
      assertThat(said).contains(" dev tw-host ");
    } else {
      assertThat(said).containsAnyOf("No route to host", "unreachable");
    }
  }

  @Test
  void answersNobodyBeyondThisMachine() throws IOException, InterruptedException {
    assertThat(output("ip", "-n", "mfyt-world", "route", "show", "default")).isEmpty();
    assertThat(output("ip", "-n", "mfyt-world", "-6", "route", "show", "default")).isEmpty();
  }
}
