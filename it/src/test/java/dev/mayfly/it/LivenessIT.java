package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds when the supervisor dies, or somebody takes its rules away. */
class LivenessIT {
  private static final String CONNECTED = "CONNECTED hello";
  private static final String GATEWAY = "198.19.0.1";

  private NetworkBed bed;

  @BeforeEach
  void start(@TempDir Path state) {
    bed = new NetworkBed(state.resolve("network"));
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void letsWhatIsOpenGoOnAndNothingNewBeginWhenTheSupervisorIsKilled() {
    NetworkBed.Supervisor supervisor = bed.supervisor("killedaa", "PT6S").ready();
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
    String answer = CONNECTED;
    while (answer.equals(CONNECTED)) {
      answer = NetworkBed.probe(sandbox, "tcp", NetworkBed.WORLD4, "443");
    }
    assertThat(answer).isEqualTo("ECONNREFUSED");
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
    NetworkBed.Supervisor next = bed.supervisor("nextaaaa", "PT30S").ready();
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

  @Test
  void keepsTheRulesOfOrphansWhenAnotherLeaves() {
    NetworkBed.Supervisor supervisor = bed.supervisor("killedaa", "PT6S").ready();
    NetworkBed.Supervisor other = bed.supervisor("otheraaa", "PT30S").ready();
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

  @Test
  void cutsSandboxesOffWhenSomebodyFlushesThePacketFilter() {
    NetworkBed.Supervisor supervisor = bed.supervisor("flusheda", "PT6S").ready();
    Netns sandbox = bed.sandbox();
    supervisor.ask("attach flusheda-1 " + sandbox.pid() + " AUDIT");
    assertThat(NetworkBed.probe(sandbox, "udp", NetworkBed.WORLD4, "80"))
        .isEqualTo("ANSWERED question");
    bed.host.run("nft", "flush", "ruleset");
    supervisor.awaitEvent("flusheda-1", "Lost", "cut off the network");
    assertThat(NetworkBed.probe(sandbox, "udp", NetworkBed.HOST4, "80", "x", "1"))
        .isNotEqualTo("ECONNREFUSED")
        .doesNotStartWith("ANSWERED");
    assertThat(bed.host.run("ip", "-br", "link", "show", "type", "veth"))
        .containsPattern("mfy[0-9a-f]+@\\S+ +DOWN");
  }
}
