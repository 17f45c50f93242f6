package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds when Mayfly dies, is flooded, or runs several times. */
final class EgressFailClosedIT extends EgressJobs {
  private static final int SIGKILL = 9;

  /** How long the kernel accepts new connections for a supervisor that does not say it is there. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** A job that tells nothing for so long has lost its connection. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private static final int HALF_OPEN = 10_000;

  /** Connections that one sandbox may have at once. */
  private static final int MOST_FLOWS = 8192;

  private static final long MEBIBYTE = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String POLICIES =
      """
      network: {dns-servers: [%1$s]}
      policies:
        - name: https
          egress: {mode: https, allow: ["203.0.113.10:8443"], refuse-ranges: %2$s}
        - name: allowlist
          egress:
            mode: allowlist
            allow: ["203.0.113.10:8443", "203.0.113.12:443", "*.allowed.test:443"]
            refuse-ranges: %2$s
        - name: silent
          egress:
            mode: allowlist
            allow: ["203.0.113.99:443", "allowed.test:443"]
            refuse-ranges: %2$s
        - name: other
          egress: {mode: allowlist, allow: ["other.test:443"], refuse-ranges: %2$s}
      """
          .formatted(EgressWorld.NAME_SERVER, EgressWorld.REFUSED_RANGES);

  private final Mayfly mayfly;

  EgressFailClosedIT(EgressWorld world, @TempDir Path directory) {
    super(world, directory);
    this.mayfly = Mayfly.onPrivateEngine(directory, POLICIES);
  }

  private RunningExec start(String policy, String... command) throws IOException {
    return start(mayfly, policy, command);
  }

  /**
   * What a job told over a connection that it holds.
   *
   * @param connection what came of a new connection
   * @param name what came of a new name
   */
  private record Tick(double time, String label, String connection, String name) {
    static Tick parse(Evidence.Served served) {
      try {
        JsonNode told = JSON.readTree(JSON.readTree(served.what()).path("text").asText());
        return new Tick(
            served.time(),
            told.path("label").asText(),
            told.path("connection").asText(),
            told.path("name").asText());
      } catch (JsonProcessingException e) {
        throw new AssertionError("not what the probe tells: " + served, e);
      }
    }
  }

  private static List<Tick> ticks(Evidence evidence, String label, double since) {
    return evidence.served().stream()
        .filter(one -> one.time() >= since && one.what().contains("tick"))
        .map(Tick::parse)
        .filter(tick -> tick.label().equals(label))
        .toList();
  }

  private List<Tick> ticks(String label, double since) {
    return ticks(world.evidence(), label, since);
  }

  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  private RunningExec startTelling(String policy) throws IOException {
    RunningExec exec =
        start(
            policy,
            EgressAttempts.command(
                "tell",
                policy,
                EgressWorld.ALLOWED,
                Integer.toString(EgressWorld.ECHO_PORT),
                EgressWorld.DIRECT,
                "443",
                "*.allowed.test"));
    exec.awaitLine("telling");
    return exec;
  }

  /**
   * Waits until a job tells of a refusal, or tells nothing any more because its established
   * connection has ended.
   */
  private void awaitRefusalOrSilence(String label, double killed) {
    world.await(
        "the job of policy %s is refused, or tells nothing any more".formatted(label),
        LIMIT,
        evidence -> {
          List<Tick> told = ticks(evidence, label, killed);
          double last = told.isEmpty() ? killed : told.getLast().time();
          return now() > last + SILENCE.toSeconds()
              || told.stream().anyMatch(tick -> tick.connection().equals("ECONNREFUSED"));
        });
  }

  @Test
  void opensNothingNewOnceItIsKilled() throws Exception {
    List<String> policies = List.of("https", "allowlist");
    double began = now();
    List<RunningExec> all = new ArrayList<>();
    try {
      for (String policy : policies) {
        all.add(startTelling(policy));
        Tick first = ticks(policy, began).getFirst();
        // The server on 443 hangs up on what is no TLS: it was reached.
        assertThat(first.connection()).isEqualTo("EOF");
        assertThat(first.name()).isEqualTo("CONNECTED");
      }
      for (RunningExec exec : all) {
        exec.signal(SIGKILL);
        exec.await();
      }
      double killed = now();

      for (String policy : policies) {
        awaitRefusalOrSilence(policy, killed);

        assertThat(ticks(policy, killed + 1))
            .allSatisfy(tick -> assertThat(tick.name()).as(tick.toString()).startsWith("EAI_"))
            .filteredOn(tick -> tick.time() > killed + HEARTBEAT.toSeconds() + 1)
            .allSatisfy(
                tick ->
                    assertThat(tick.connection()).as(tick.toString()).isEqualTo("ECONNREFUSED"));
      }
      assertThat(rules()).contains("table inet mayfly");
    } finally {
      all.forEach(RunningExec::close);
    }

    Mayfly.Result next = mayfly.exec("true");
    double destroyed = now();

    assertThat(next.stderr().lines())
        .filteredOn(line -> line.contains("lost by a supervisor that died, was destroyed"))
        .hasSize(policies.size());
    assertThat(mayfly.exec("true").exitCode()).isZero();
    assertThat(world.evidence().served()).noneMatch(one -> one.time() > destroyed);
  }

  private static String rules() throws IOException, InterruptedException {
    return said("nft list tables");
  }

  /** What of the host a supervisor changes for its sandboxes. */
  private static String network() throws IOException, InterruptedException {
    return said(
        "nft list tables; ip -o link | cut -d: -f2; sysctl net.ipv4.ip_forward"
            + " net.ipv6.conf.all.forwarding; iptables-save | sed '/^#/d; s/ *\\[[0-9:]*\\]//';"
            + " ls /run/mayfly/network 2>&1; true");
  }

  private static String said(String script) throws IOException, InterruptedException {
    Process shell = new ProcessBuilder("sh", "-c", script).start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).isZero();
    return said;
  }

  @Test
  void putsTheHostBackWhenItIsSweptAfterAKill() throws Exception {
    String before = network();
    try (RunningExec exec = startTelling("https")) {
      exec.signal(SIGKILL);
      exec.await();
    }
    assertThat(network()).isNotEqualTo(before).contains("table inet mayfly");

    Mayfly.Result swept = mayfly.sweep();

    assertThat(swept.exitCode()).as(swept.stderr()).isZero();
    assertThat(swept.stderr()).contains("lost by a supervisor that died, was destroyed");
    assertThat(network()).isEqualTo(before);
  }

  @Test
  void countsAFloodOfRefusedPacketsInBoundedMemory() throws Exception {
    int count = Site.fullSize() ? 1_000_000 : 100_000;
    String script =
        "python3 egress.py attacker-udp; echo ready; read _;"
            + " python3 egress.py flood %d %s %d; echo done; read _"
                .formatted(count, EgressWorld.ATTACKER, EgressWorld.SINK_PORT);
    try (RunningExec exec = start("allowlist", "sh", "-c", script)) {
      exec.awaitLine("ready");
      long before = residentBytes(exec.pid());
      exec.input("go\n".getBytes(StandardCharsets.UTF_8));
      JsonNode flood = JSON.readTree(exec.awaitLineOf("{\"sent\""));
      exec.awaitLine("done");
      long after = residentBytes(exec.pid());
      exec.input("go\n".getBytes(StandardCharsets.UTF_8));
      Mayfly.Result result = exec.await();

      EgressReport report = EgressReport.last(mayfly);
      assertThat(flood.path("sent").asLong()).isGreaterThan(count / 2);
      assertThat(report.refusedPackets()).isGreaterThanOrEqualTo(flood.path("sent").asLong());
      assertThat(after - before).isLessThan(20 * MEBIBYTE);
      assertThat(result.stderr().lines()).hasSizeLessThan(50);
      assertThat(report.connections()).hasSizeLessThan(10);
      assertThat(world.received(EgressWorld.ATTACKER))
          .noneMatch(packet -> packet.payload().equals("flood"));
    }
  }

  private static long residentBytes(long pid) throws IOException {
    String resident = Processes.status(pid).getOrDefault("VmRSS", "");
    return Long.parseLong(resident.replace(" kB", "").strip()) * 1024;
  }

  @Test
  void boundsWhatIsRememberedOfManyDestinations() throws Exception {
    // Every address of two ranges, each of which is another destination.
    String script =
        """
        import socket, itertools
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for third, fourth, port in itertools.product((0, 113), range(1, 255), range(4000, 4040)):
            net = "203.0.113" if third else "10.77.0"
            try: sender.sendto(b"many", (f"{net}.{fourth}", port))
            except OSError: pass
        """;
    Mayfly.Result result =
        mayfly.execWith(EgressAttempts.options("allowlist", probe), "python3", "-c", script);

    assertThat(result.exitCode()).as(result.stderr()).isZero();
    EgressReport report = EgressReport.last(mayfly);
    assertThat(report.refusedPackets()).isGreaterThan(10_000);
    assertThat(report.connections()).isNotEmpty().hasSizeLessThanOrEqualTo(2000);
    assertThat(result.stderr().length()).isLessThan((int) MEBIBYTE / 4);
    try (var files = Files.walk(mayfly.reports())) {
      assertThat(files.filter(Files::isRegularFile).toList())
          .allSatisfy(file -> assertThat(Files.size(file)).isLessThan(2 * MEBIBYTE));
    }
    assertThat(world.evidence().holds("many")).isFalse();
  }

  private static String halfOpen(String address, int port) {
    return "python3 egress.py halfopen %d %s %d".formatted(HALF_OPEN, address, port);
  }

  private static Map<String, Integer> numbers(String line) {
    try {
      return JSON.readValue(line, new TypeReference<Map<String, Integer>>() {});
    } catch (JsonProcessingException e) {
      throw new AssertionError("not what the probe tells: " + line, e);
    }
  }

  /** A rule allows the address, where nobody answers. */
  @Test
  void servesOthersWhileOneHasTenThousandHalfOpenConnections() throws Exception {
    double began = now();
    try (RunningExec exec = start("silent", "sh", "-c", halfOpen(EgressWorld.SILENT, 443))) {
      Map<String, Integer> came = numbers(exec.awaitLineOf("{\"begun\""));

      EgressAttempts other = EgressAttempts.ofJob(mayfly, "other", probe, "https:other.test");
      long arrived =
          world.received(EgressWorld.SILENT).stream()
              .filter(packet -> packet.time() >= began && packet.flags().equals("S"))
              .map(Evidence.Packet::sourcePort)
              .distinct()
              .count();
      exec.endInput();
      exec.await();

      assertThat(came).containsEntry("begun", HALF_OPEN).doesNotContainKey("CONNECTED");
      // What is more than one sandbox may have is refused; what is on its way when that many are
      // may be refused at its next packet, too.
      assertThat(came.getOrDefault("open", 0))
          .as(came.toString())
          .isBetween(1000, MOST_FLOWS + 100);
      assertThat(came.getOrDefault("ECONNREFUSED", 0)).as(came.toString()).isPositive();
      assertThat(arrived).isBetween((long) came.getOrDefault("open", 0), HALF_OPEN - 1000L);
      assertThat(other.resultOf("https:other.test")).isEqualTo("CONNECTED");
      assertThat(other.get("https:other.test").millis()).isLessThan(2000);
    }
  }

  @Test
  void refusesTenThousandConnectionsAtOnceAndServesTheSandboxAfterwards() {
    double began = now();
    Mayfly.Result result =
        mayfly.execWith(
            EgressAttempts.options("silent", probe),
            "sh",
            "-c",
            halfOpen(EgressWorld.ATTACKER, EgressWorld.SINK_PORT) + "; python3 egress.py good");

    assertThat(result.exitCode()).as(result.stderr()).isZero();
    assertThat(result.stdout().lines().findFirst())
        .hasValueSatisfying(
            line ->
                assertThat(numbers(line))
                    .isEqualTo(Map.of("begun", HALF_OPEN, "ECONNREFUSED", HALF_OPEN, "open", 0)));
    assertThat(EgressAttempts.parse(result).resultOf("good")).isEqualTo("CONNECTED");
    assertThat(EgressReport.last(mayfly).refusedPackets()).isGreaterThanOrEqualTo(HALF_OPEN);
    assertThat(world.received(EgressWorld.ATTACKER)).noneMatch(packet -> packet.time() >= began);
  }

  @Test
  void holdsEachSupervisorsSandboxToItsOwnPolicyAlsoWhenAnotherDies() throws Exception {
    String[] attempts = {"https:other.test", "https:www.allowed.test", "direct-ip"};
    String script =
        "python3 egress.py %1$s; echo first; read _; python3 egress.py %1$s; echo second"
            .formatted(String.join(" ", attempts));
    List<RunningExec> all = new ArrayList<>();
    try {
      RunningExec victim = start("https", "sh", "-c", script);
      all.add(victim);
      RunningExec allowlist = start("allowlist", "sh", "-c", script);
      all.add(allowlist);
      RunningExec other = start("other", "sh", "-c", script);
      all.add(other);

      assertThat(resultsUntil(victim, "first", attempts))
          .containsExactly("CONNECTED", "CONNECTED", "CONNECTED");
      assertThat(resultsUntil(allowlist, "first", attempts))
          .containsExactly("EAI_NONAME", "CONNECTED", "CONNECTED");
      assertThat(resultsUntil(other, "first", attempts))
          .containsExactly("CONNECTED", "EAI_NONAME", "ECONNREFUSED");
      victim.signal(SIGKILL);
      victim.await();
      mayfly.exec("true");
      allowlist.endInput();
      other.endInput();

      assertThat(resultsUntil(allowlist, "second", attempts))
          .containsExactly("EAI_NONAME", "CONNECTED", "CONNECTED");
      assertThat(resultsUntil(other, "second", attempts))
          .containsExactly("CONNECTED", "EAI_NONAME", "ECONNREFUSED");
      allowlist.await();
      other.await();
    } finally {
      all.forEach(RunningExec::close);
    }
  }

  private static List<String> resultsUntil(RunningExec exec, String line, String... attempts)
      throws IOException {
    List<String> results = new ArrayList<>();
    for (String _ : attempts) {
      results.add(JSON.readTree(exec.awaitLineOf("{\"attempt\"")).path("result").asText());
    }
    exec.awaitLine(line);
    return results;
  }
}
