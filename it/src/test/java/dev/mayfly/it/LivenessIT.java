package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds when the supervisor dies, or somebody takes its rules away. */
class LivenessIT {
  private static final String CONNECTED = "CONNECTED hello";
  private static final String GATEWAY = "198.19.0.1";

  /** Seconds, fewer than TCP waits before it asks a second time. */
  private static final String AT_ONCE = "0.9";

  private final List<NetworkBed.Supervisor> supervisors = new ArrayList<>();
  private NetworkBed bed;
  private Path state;
  private String before;

  @BeforeEach
  void start(@TempDir Path directory) {
    state = directory.resolve("network");
    bed = new NetworkBed(state);
    before = forwarding();
  }

  /** Whatever a supervisor left that was killed, the next one takes away. */
  @AfterEach
  void leavesNothing() {
    try (NetworkBed all = bed) {
      supervisors.forEach(NetworkBed.Supervisor::kill);
      NetworkBed.Supervisor last = all.supervisor("lastaaaa", "PT30S").ready();
      last.ask("sweep");
      last.ask("close");
      assertThat(all.host.run("nft", "list", "ruleset")).isEmpty();
      assertThat(all.host.run("ip", "-br", "link")).doesNotContain("mfy");
      assertThat(forwarding()).isEqualTo(before);
      assertThat(state).doesNotExist();
    }
  }

  private String forwarding() {
    return bed.host.run("sysctl", "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding");
  }

  private NetworkBed.Supervisor supervisor(String id, String alive) {
    NetworkBed.Supervisor supervisor = bed.supervisor(id, alive).ready();
    supervisors.add(supervisor);
    return supervisor;
  }

  @Test
  void letsWhatIsOpenGoOnAndNothingNewBeginWhenTheSupervisorIsKilled() {
    NetworkBed.Supervisor supervisor = supervisor("killedaa", "PT6S");
    Netns sandbox = bed.sandbox();
    supervisor.ask("attach killedaa-1 " + sandbox.pid() + " AUDIT");
    NetworkBed.Talk talk4 = bed.talk(sandbox, "hold", NetworkBed.WORLD4, "443");
    NetworkBed.Talk talk6 = bed.talk(sandbox, "hold", NetworkBed.WORLD6, "443");
    assertThat(List.of(talk4.next(), talk6.next())).containsOnly(CONNECTED);
    assertThat(NetworkBed.probe(sandbox, "tcp", GATEWAY, "53")).isEqualTo("CONNECTED resolver");
    assertThat(NetworkBed.probe(sandbox, "udp", NetworkBed.WORLD4, "80"))
        .isEqualTo("ANSWERED question");

    supervisor.kill();

    assertThat(NetworkBed.probe(sandbox, "tcp", GATEWAY, "53")).isEqualTo("ECONNREFUSED");
    assertThat(NetworkBed.probeUntilNot(CONNECTED, sandbox, "tcp", NetworkBed.WORLD4, "443"))
        .isEqualTo("ECONNREFUSED");
    assertThat(NetworkBed.probe(sandbox, "tcp", NetworkBed.WORLD6, "443"))
        .isEqualTo("ECONNREFUSED");
    assertThat(NetworkBed.probe(sandbox, "udp", NetworkBed.WORLD4, "80")).isEqualTo("EHOSTUNREACH");
    assertThat(NetworkBed.probe(sandbox, "udp", NetworkBed.WORLD6, "80")).isEqualTo("EACCES");
    assertThat(NetworkBed.probe(sandbox, "udp", GATEWAY, "53")).isEqualTo("EHOSTUNREACH");
    for (NetworkBed.Talk talk : List.of(talk4, talk6)) {
      talk.say("still here");
      assertThat(talk.next()).isEqualTo("ANSWERED still here");
    }

    // The next supervisor ends what the first one left.
    NetworkBed.Supervisor next = supervisor("nextaaaa", "PT30S");
    assertThat(next.ask("sweep killedaa-1")).isEqualTo("[]");
    assertThat(bed.host.run("nft", "list", "chains")).contains("refuse_killedaa");
    talk4.say("not swept");
    assertThat(talk4.next()).isEqualTo("ANSWERED not swept");
    assertThat(next.ask("sweep")).isEqualTo("[killedaa-1]");
    assertThat(bed.host.run("nft", "list", "ruleset"))
        .doesNotContain("killedaa")
        .contains("refuse_nextaaaa");
    assertThat(sandbox.run("ip", "-br", "link")).doesNotContain("eth0");
    next.ask("close");
    assertThat(bed.host.run("nft", "list", "ruleset")).isEmpty();
  }

  /** By the host's kernel, as nobody listens there any more; later by the rules. */
  @Test
  void refusesWhatGoesOverTheGateAtOnceWhenTheSupervisorIsKilled() {
    NetworkBed.Supervisor supervisor = supervisor("killedaa", "PT6S");
    Netns sandbox = bed.sandbox();
    supervisor.ask(
        "attach killedaa-1 %d ALLOWLIST allow=%s/32,TCP,80"
            .formatted(sandbox.pid(), NetworkBed.WORLD4));
    List<String> gated = List.of(NetworkBed.WORLD4, NetworkBed.WORLD6);
    for (String host : gated) {
      supervisor.ask("open killedaa-1 %s TCP 443 1 600 true".formatted(host));
      assertThat(NetworkBed.probe(sandbox, "tcp", host, "443")).isEqualTo("CONNECTED gate");
    }
    assertThat(NetworkBed.probe(sandbox, "tcp", NetworkBed.WORLD4, "80")).isEqualTo(CONNECTED);

    supervisor.kill();

    for (String host : gated) {
      assertThat(NetworkBed.probe(sandbox, "tcp", host, "443", AT_ONCE)).isEqualTo("ECONNREFUSED");
    }
    // And once its last sign of life has run out:
    assertThat(NetworkBed.probeUntilNot(CONNECTED, sandbox, "tcp", NetworkBed.WORLD4, "80"))
        .isEqualTo("ECONNREFUSED");
    for (String host : gated) {
      assertThat(NetworkBed.probe(sandbox, "tcp", host, "443", AT_ONCE)).isEqualTo("ECONNREFUSED");
    }
  }

  @Test
  void keepsTheRulesOfOrphansWhenAnotherLeaves() {
    NetworkBed.Supervisor supervisor = supervisor("killedaa", "PT6S");
    NetworkBed.Supervisor other = supervisor("otheraaa", "PT30S");
    Netns sandbox = bed.sandbox();
    supervisor.ask("attach killedaa-1 " + sandbox.pid() + " HTTPS");
    assertThat(NetworkBed.probe(sandbox, "tcp", NetworkBed.WORLD4, "443")).isEqualTo(CONNECTED);
    supervisor.kill();
    other.ask("close");
    assertThat(NetworkBed.probe(sandbox, "tcp", NetworkBed.WORLD4, "80")).isEqualTo("ECONNREFUSED");
    assertThat(bed.host.run("nft", "list", "chains"))
        .contains("refuse_killedaa")
        .doesNotContain("refuse_otheraaa");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flush ruleset", "delete table inet mayfly", "flush table inet mayfly"})
  void cutsSandboxesOffWhenSomebodyFlushesThePacketFilter(String command) {
    NetworkBed.Supervisor supervisor = supervisor("flusheda", "PT6S");
    Netns sandbox = bed.sandbox();
    supervisor.ask("attach flusheda-1 " + sandbox.pid() + " AUDIT");
    assertThat(NetworkBed.probe(sandbox, "udp", NetworkBed.WORLD4, "80"))
        .isEqualTo("ANSWERED question");
    bed.host.run("nft", command);
    supervisor.awaitEvent("flusheda-1", "Lost", "cut off the network");
    supervisor.awaitEvent("flusheda-1", "Refused", "everything", "cut off the network");
    assertThat(NetworkBed.probe(sandbox, "udp", NetworkBed.HOST4, "80", "x", "1"))
        .isNotEqualTo("ECONNREFUSED")
        .doesNotStartWith("ANSWERED");
    assertThat(bed.host.run("ip", "-br", "link", "show", "type", "veth"))
        .containsPattern("mfy[0-9a-f]+@\\S+ +DOWN");
  }
}
