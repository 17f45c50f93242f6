package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The TLS gate between a job and a world, with the kernel's DNAT, over IPv4 and IPv6. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsGateIT {
  private static final int HELLOS = 64;
  private static final String NO = "alert 112";
  private static final String DENIED = "alert 49";

  private GateSite site;
  private String sockets;

  @BeforeAll
  void build(@TempDir Path scratch) throws IOException, InterruptedException {
    site = new GateSite(scratch, "512 %d 3".formatted(HELLOS));
    arm("ALLOWLIST false good.example,1GiB");
    resolve("good.example", GateSite.CDN4);
    assertThat(site.attempt(GateSite.CDN4, "good.example", "echo", "10")).isEqualTo("intact");
    site.tell("disarm job");
    site.events();
    sockets = site.tell("sockets");
  }

  @AfterAll
  void leaveNothing() throws IOException, InterruptedException {
    List<ProcessHandle> processes = site.processes();
    site.tearDown();
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
  }

  @BeforeEach
  void arm() throws IOException, InterruptedException {
    arm("ALLOWLIST false good.example *.cdn.example");
    resolve("good.example", GateSite.CDN4 + "," + GateSite.CDN6);
    site.events();
  }

  /** Whatever a test did: without its sandbox, the gate holds what it held at first. */
  @AfterEach
  void disarm() throws IOException, InterruptedException {
    site.tell("disarm job");
    long limit = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    String now;
    do {
      now = site.tell("sockets");
    } while (!now.equals(sockets) && System.nanoTime() < limit);
    assertThat(now).isEqualTo(sockets);
  }

  private void arm(String plan) throws IOException, InterruptedException {
    site.tell("arm job %s,%s %s".formatted(GateSite.JOB4, GateSite.JOB6, plan));
  }

  private void resolve(String name, String addresses) throws IOException, InterruptedException {
    site.tell("resolve job %s %s 60".formatted(name, addresses));
  }

  private String attempt(String address, String name, String... command)
      throws IOException, InterruptedException {
    return site.attempt(address, name, command);
  }

  private void assertRefused(String... parts) throws IOException, InterruptedException {
    List<String> events = site.events();
    assertThat(events).hasSize(1);
    assertThat(events.getFirst())
        .startsWith("event job Refused[layer=TLS, protocol=tcp")
        .contains(parts);
  }

  @Test
  void letsAnAllowedNameThrough() throws Exception {
    assertThat(attempt(GateSite.CDN4, "good.example", "echo", "1000")).isEqualTo("intact");
    assertThat(site.events())
        .singleElement()
        .asString()
        .isEqualTo(
            "event job Allowed[protocol=tcp, destination=/203.0.113.10, port=OptionalInt[443],"
                + " name=Optional[good.example], byRule=true]");
    assertThat(attempt(GateSite.CDN6, "good.example", "echo", "1000")).isEqualTo("intact");
    assertThat(site.events().getFirst()).contains("2001:db8:2:0:0:0:0:10");
  }

  @Test
  void refusesAnotherNameAtAnAllowedAddress() throws Exception {
    for (String address : List.of(GateSite.CDN4, GateSite.CDN6)) {
      assertThat(attempt(address, "other.example", "echo", "10")).isEqualTo(NO);
      assertRefused(
          "name=Optional[other.example]", "no rule", "suggestion=Optional[other.example:443]");
    }
  }

  @Test
  void refusesAnAllowedNameAtAnotherAddress() throws Exception {
    assertThat(attempt(GateSite.ELSEWHERE4, "good.example", "echo", "10")).isEqualTo(NO);
    assertRefused("does not resolve to this address", "/203.0.113.11", "suggestion=Optional.empty");
    resolve("good.example", GateSite.ELSEWHERE4);
    assertThat(attempt(GateSite.ELSEWHERE4, "good.example", "echo", "10")).isEqualTo("intact");
  }

  @Test
  void letsNoNameThroughOnlyWhereTheRuleSaysSo() throws Exception {
    assertThat(attempt(GateSite.CDN4, "-", "echo", "10")).isEqualTo(DENIED);
    assertRefused("names no server (without-sni)");
    arm("ALLOWLIST false good.example,sni");
    resolve("good.example", GateSite.CDN4);
    assertThat(attempt(GateSite.CDN4, "-", "echo", "10")).isEqualTo("intact");
    assertThat(attempt(GateSite.ELSEWHERE4, "-", "echo", "10")).isEqualTo(DENIED);
  }

  @Test
  void opensAnyPublicNameInModeHttpsButNoRefusedRange() throws Exception {
    arm("HTTPS true");
    resolve("any.example", GateSite.CDN4 + "," + GateSite.REFUSED4);
    assertThat(attempt(GateSite.CDN4, "any.example", "echo", "10")).isEqualTo("intact");
    assertThat(attempt(GateSite.CDN4, "unresolved.example", "echo", "10")).isEqualTo(NO);
    site.events();
    assertThat(attempt(GateSite.REFUSED4, "any.example", "echo", "10")).isEqualTo(DENIED);
    assertRefused("in a refused range");
  }

  @Test
  void readsAHelloInSegmentsAndRecordsOfOneByte() throws Exception {
    for (String way : List.of("bytewise", "records")) {
      assertThat(attempt(GateSite.CDN4, "good.example", way)).isIn("server hello", "alert 10");
      assertThat(site.events().getFirst()).contains("Allowed");
      assertThat(attempt(GateSite.CDN4, "other.example", way)).isEqualTo(NO);
      assertRefused("no rule");
    }
  }

  /** The control of the next one: it is the second hello's name that is refused there. */
  @Test
  void letsAClientThroughThatIsAskedForAnotherHello() throws Exception {
    resolve("good.example", GateSite.RETRY4);
    assertThat(attempt(GateSite.RETRY4, "good.example", "openssl")).isEqualTo("intact by P-384");
    assertThat(attempt(GateSite.RETRY4, "good.example", "echo", "1000000")).isEqualTo("intact");
    for (String when : List.of("", "pipelined")) {
      assertThat(attempt(GateSite.RETRY4, "good.example", "switch", "good.example", when))
          .isEqualTo("server hello");
    }
    assertThat(site.events()).hasSize(4).allMatch(event -> event.contains(" Allowed["));
  }

  @Test
  void cutsASecondHelloForAnotherServer() throws Exception {
    resolve("good.example", GateSite.RETRY4);
    for (String when : List.of("", "pipelined")) {
      assertThat(attempt(GateSite.RETRY4, "good.example", "switch", "other.example", when))
          .isEqualTo("reset");
      assertSwitchRefused("the second TLS ClientHello names another server");
      assertThat(attempt(GateSite.RETRY4, "good.example", "switch", "-", when)).isEqualTo("reset");
      assertSwitchRefused("the second TLS ClientHello names no server");
    }
  }

  private void assertSwitchRefused(String reason) throws IOException, InterruptedException {
    List<String> events = site.events();
    assertThat(events).hasSize(2);
    assertThat(events.getFirst()).contains(" Allowed[", "name=Optional[good.example]");
    assertThat(events.getLast())
        .startsWith("event job Refused[layer=TLS, protocol=tcp")
        .contains("name=Optional[good.example]", "reason=" + reason);
  }

  @Test
  void refusesWhatIsNotTls() throws Exception {
    assertThat(attempt(GateSite.CDN4, "-", "plain")).isEqualTo("reset");
    assertRefused("does not begin with a TLS ClientHello");
  }

  @Test
  void cutsASlowHello() throws Exception {
    assertThat(attempt(GateSite.CDN4, "good.example", "slow")).isEqualTo(DENIED);
    assertRefused("no whole TLS ClientHello within 3 s");
  }

  @Test
  void closesWhatTheKernelDidNotTurn() throws Exception {
    assertThat(attempt(GateSite.GATE4, "good.example", "straight", Integer.toString(site.port())))
        .isEqualTo("reset");
    assertThat(attempt(GateSite.GATE6, "good.example", "straight", Integer.toString(site.port())))
        .isEqualTo("reset");
    assertThat(attempt(GateSite.CDN4, "good.example", "stranger", GateSite.STRANGER4))
        .isEqualTo("reset");
    assertThat(attempt(GateSite.CDN4, "good.example", "stranger", GateSite.JOB4))
        .isEqualTo("server hello");
  }

  /** The gate connects from the host: it may not be a way to the host's own services. */
  @Test
  void refusesTheHostsOwnAddresses() throws Exception {
    resolve("good.example", "203.0.113.1");
    assertThat(attempt("203.0.113.1", "good.example", "echo", "10")).isEqualTo("reset");
    assertRefused("this host's own");
  }

  @Test
  void keepsPermissionsOfSandboxesApart() throws Exception {
    site.tell(
        "arm other %s,2001:db8:1::43 ALLOWLIST false good.example".formatted(GateSite.OTHER_JOB4));
    assertThat(attempt(GateSite.CDN4, "good.example", "stranger", GateSite.OTHER_JOB4))
        .isEqualTo(NO);
    site.tell("disarm other");
  }

  @Test
  void passesOnTheEndOfEachDirection() throws Exception {
    assertThat(attempt(GateSite.CDN4, "good.example", "upload", "1000000")).isEqualTo("intact");
    assertThat(attempt(GateSite.CDN6, "good.example", "download", "1000000", "30000000"))
        .isEqualTo("got 1000000");
    assertThat(site.worldSaid()).isEqualTo("got 30000000");
  }

  @Test
  void passesOnAReset() throws Exception {
    assertThat(attempt(GateSite.CDN4, "good.example", "reset")).isEqualTo("reset");
    resolve("good.example", GateSite.CLOSED4);
    assertThat(attempt(GateSite.CLOSED4, "good.example", "echo", "10")).isEqualTo("reset");
  }

  @Test
  void passesMuchBothWaysIntact() throws Exception {
    assertThat(attempt(GateSite.CDN4, "good.example", "echo", "200000000")).isEqualTo("intact");
    assertThat(attempt(GateSite.CDN6, "good.example", "echo", "20000000")).isEqualTo("intact");
  }

  @Test
  void isNotStoppedByUrgentData() throws Exception {
    assertThat(attempt(GateSite.CDN4, "good.example", "urgent")).isEqualTo("answered");
  }

  @Test
  void cutsAnUploadAtItsBudget() throws Exception {
    arm("ALLOWLIST false good.example,3MiB");
    resolve("good.example", GateSite.CDN4);
    assertThat(attempt(GateSite.CDN4, "good.example", "upload", "1000000")).isEqualTo("intact");
    assertThat(attempt(GateSite.CDN4, "good.example", "upload", "1000000")).isEqualTo("intact");
    assertThat(attempt(GateSite.CDN4, "good.example", "download", "9000000", "100000"))
        .isEqualTo("got 9000000");
    assertThat(site.worldSaid()).isEqualTo("got 100000");
    site.events();
    assertThat(attempt(GateSite.CDN4, "good.example", "upload", "9000000")).isIn("reset", "cut");
    assertThat(site.events()).anyMatch(event -> event.contains("reason=max-upload 3MiB reached"));
    assertThat(attempt(GateSite.CDN4, "good.example", "echo", "10")).isIn("reset", "cut");
  }

  @Test
  void resetsTheConnectionsOfADisarmedSandbox() throws Exception {
    Process held = site.begin(GateSite.CDN4, "good.example", "hold");
    assertThat(held.inputReader().readLine()).isEqualTo("held");
    site.tell("disarm job");
    assertThat(site.end(held)).isEqualTo("reset");
    assertThat(attempt(GateSite.CDN4, "good.example", "echo", "10")).isEqualTo("reset");
  }

  @Test
  void isOpenForOthersWhileOneFloods() throws Exception {
    site.tell(
        "arm other %s,2001:db8:1::43 ALLOWLIST false good.example".formatted(GateSite.OTHER_JOB4));
    site.tell("resolve other good.example %s 60".formatted(GateSite.CDN4));
    Process flood = site.begin(GateSite.CDN4, "-", "flood", "10000");
    assertThat(flood.inputReader().readLine()).isEqualTo("flooded");
    assertThat(attempt(GateSite.CDN4, "good.example", "stranger", GateSite.OTHER_JOB4))
        .isEqualTo("server hello");
    flood.getOutputStream().close();
    assertThat(site.end(flood)).isEqualTo("done");
    site.tell("disarm other");
    assertThat(site.events())
        .anyMatch(event -> event.contains("more than 512 connections at once, or 64"));
  }
}
