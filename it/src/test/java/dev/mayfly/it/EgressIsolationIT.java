package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One sandbox is out of another's and the host's reach, and neither is held back by what the job
 * lacks inside: attempts are made as root with every capability in the sandbox's network name
 * space, too.
 */
final class EgressIsolationIT extends EgressJobs {
  private static final String POLICIES =
      """
      network: {dns-servers: [%1$s]}
      policies:
        - name: https
          egress: {mode: https, refuse-ranges: %2$s}
        - name: allowlist
          egress: {mode: allowlist, allow: ["allowed.test:443"], refuse-ranges: %2$s}
        - name: audit
          egress: {mode: audit, refuse-ranges: %2$s}
      """
          .formatted(EgressWorld.NAME_SERVER, EgressWorld.REFUSED_RANGES);

  private static final String[] RAW = {
    "icmp-echo", "icmp-raw", "sctp-raw", "dccp-raw", "gre-raw", "raw-unassigned"
  };
  private static final String[] FORGED = {
    "spoof-raw", "spoof-peer", "spoof-bound6", "arp-spoof", "nd-spoof"
  };

  private final Mayfly mayfly;

  EgressIsolationIT(EgressWorld world, @TempDir Path directory) {
    super(world, directory);
    this.mayfly = Mayfly.onPrivateEngine(directory, POLICIES);
  }

  private RunningExec start(String policy, String... probeArguments) throws IOException {
    return start(mayfly, policy, EgressAttempts.command(probeArguments));
  }

  private static void end(RunningExec exec) throws IOException, InterruptedException {
    exec.endInput();
    assertThat(exec.await().exitCode()).isZero();
  }

  /** What one's own sandbox says of itself, once it listens. */
  private static JsonNode listening(RunningExec exec) throws IOException {
    JsonNode peer = new ObjectMapper().readTree(exec.awaitLineOf("{\"address4\""));
    exec.awaitLine("listening");
    assertThat(peer.path("itself")).allMatch(result -> result.asText().equals("CONNECTED"));
    return peer;
  }

  @ParameterizedTest
  @ValueSource(strings = {"https", "allowlist", "audit"})
  void reachesNoOtherSandbox(String policy) throws Exception {
    try (RunningExec peer = start(policy, "listen")) {
      JsonNode addresses = listening(peer);

      EgressAttempts tried =
          EgressAttempts.ofJob(
              mayfly,
              policy,
              probe,
              "--peer4",
              addresses.path("address4").asText(),
              "--peer6",
              addresses.path("address6").asText(),
              "peer4",
              "peer6");
      EgressReport report = EgressReport.last(mayfly);
      end(peer);

      assertThat(tried.resultOf("peer4")).isEqualTo("ECONNREFUSED");
      assertThat(tried.resultOf("peer6")).isEqualTo("ECONNREFUSED");
      assertThat(
              report.connection(
                  "tcp", addresses.path("address4").asText(), EgressWorld.SINK_PORT, "refused"))
          .isPresent();
    }
  }

  @Test
  void isReachedByNobody() throws Exception {
    try (RunningExec peer = start("audit", "listen")) {
      JsonNode addresses = listening(peer);

      for (String address : List.of("address4", "address6")) {
        assertThat(connect(addresses.path(address).asText()))
            .as("from the host to " + address)
            .isInstanceOf(SocketException.class);
      }
      end(peer);
    }
  }

  private static IOException connect(String address) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, EgressWorld.SINK_PORT), 1000);
      return new ConnectException("it was let in");
    } catch (SocketException e) {
      return "it was let in".equals(e.getMessage()) ? new IOException(e) : e;
    } catch (IOException e) {
      return new SocketException(e.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https", "allowlist"})
  void sendsNoOtherProtocolEvenWithEveryCapability(String policy) throws Exception {
    try (RunningExec exec = start(policy, "listen")) {
      listening(exec);

      EgressAttempts tried = EgressAttempts.ofBrokenSandbox(exec.pid1(), RAW);
      end(exec);

      Evidence evidence = world.evidence();
      for (String attempt : RAW) {
        assertThat(evidence.holds(tried.get(attempt).canary())).as(attempt).isFalse();
      }
      assertThat(tried.resultOf("icmp-raw")).isEqualTo("EHOSTUNREACH");
      assertThat(tried.resultOf("sctp-raw")).isEqualTo("EHOSTUNREACH");
      assertThat(EgressReport.last(mayfly).connections())
          .anyMatch(one -> one.protocol().equals("icmp") && one.refused())
          .anyMatch(one -> one.protocol().equals("sctp") && one.refused());
    }
  }

  /** The control: in mode audit the same packets get out. */
  @Test
  void sendsOtherProtocolsWithEveryCapabilityInModeAudit() throws Exception {
    try (RunningExec exec = start("audit", "listen")) {
      listening(exec);

      EgressAttempts tried = EgressAttempts.ofBrokenSandbox(exec.pid1(), "icmp-raw", "sctp-raw");
      end(exec);

      Evidence evidence = world.evidence();
      for (String attempt : List.of("icmp-raw", "sctp-raw")) {
        assertThat(evidence.holds(tried.get(attempt).canary())).as(attempt).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https", "allowlist", "audit"})
  void isNobodyElseEvenWithEveryCapability(String policy) throws Exception {
    try (RunningExec peer = start("audit", "listen");
        RunningExec exec = start(policy, "listen")) {
      JsonNode addresses = listening(peer);
      listening(exec);
      String neighbours = neighbours();
      String[] attempts = {
        "--peer4",
        addresses.path("address4").asText(),
        "--peer6",
        addresses.path("address6").asText(),
        FORGED[0],
        FORGED[1],
        FORGED[2],
        FORGED[3],
        FORGED[4]
      };

      EgressAttempts tried = EgressAttempts.ofBrokenSandbox(exec.pid1(), attempts);

      assertThat(neighbours()).isEqualTo(neighbours);
      Evidence evidence = world.evidence();
      for (String attempt : FORGED) {
        assertThat(tried.resultOf(attempt)).as(attempt).isEqualTo("CONNECTED");
        assertThat(evidence.holds(tried.get(attempt).canary())).as(attempt).isFalse();
      }
      end(exec);
      end(peer);
    }
  }

  /** What the host knows of who is where, on the links of sandboxes. */
  private static String neighbours() throws IOException, InterruptedException {
    Process ip = new ProcessBuilder("ip", "-o", "neighbour", "show").start();
    String said = new String(ip.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ip.waitFor()).isZero();
    return String.join(
        "\n",
        said.lines()
            .filter(line -> line.contains(" dev mfy"))
            .map(line -> line.replaceFirst(" (STALE|REACHABLE|DELAY|PROBE) *$", ""))
            .sorted()
            .toList());
  }
}
