package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mayfly.linux.LoggedPacket;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.IpRange;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
  private static final int DEVICE = 7;

  private final List<EgressEvent> events = new ArrayList<>();
  private final ArmedSandbox sandbox =
      new ArmedSandbox(
          "abcdefgh-1",
          NetworkPlan.DEFAULT.address(42),
          SandboxClassTest.plan(EgressMode.ALLOWLIST),
          events::add);
  private final RefusalLog log =
      new RefusalLog(
          NetworkPlan.DEFAULT,
          device -> device == DEVICE ? Optional.of(sandbox) : Optional.empty(),
          () -> List.of(sandbox));

  private static byte[] packet(int protocol, String destination, int port) {
    return ByteBuffer.allocate(28)
        .put((byte) 0x45)
        .position(9)
        .put((byte) protocol)
        .position(12)
        .put(NetworkPlan.DEFAULT.address(42).ipv4().getAddress())
        .put(IpRange.parse(destination).first().getAddress())
        .putShort((short) 40_000)
        .putShort((short) port)
        .array();
  }

  private EgressEvent.Refused refused(int protocol, String destination, int port, boolean local) {
    events.clear();
    log.packet(new LoggedPacket("refused", DEVICE, local, packet(protocol, destination, port)));
    assertThat(events).singleElement().isInstanceOf(EgressEvent.Refused.class);
    return (EgressEvent.Refused) events.getFirst();
  }

  @Test
  void saysWhatRefusedIt() {
    assertThat(refused(6, "203.0.113.5", 80, false).reason()).isEqualTo("no rule allows it");
    assertThat(refused(6, "10.1.2.3", 443, false).reason()).isEqualTo("refused range 10.0.0.0/8");
    assertThat(refused(17, "203.0.113.5", 443, false).reason()).isEqualTo("QUIC");
    assertThat(refused(17, "203.0.113.5", 53, false).reason()).contains("DNS server other");
    assertThat(refused(6, "192.0.2.53", 443, false).reason()).contains("public resolver");
    assertThat(refused(1, "203.0.113.5", 0, false).reason()).contains("protocol icmp");
    assertThat(refused(6, "192.0.2.1", 22, true).reason()).isEqualTo("the host itself");
    assertThat(refused(6, "198.19.0.9", 22, false).reason()).contains("sandboxes");
  }

  @Test
  void suggestsTheNameBeforeTheAddress() {
    assertThat(refused(6, "203.0.113.5", 80, false).suggestion()).contains("203.0.113.5:80");
    assertThat(refused(17, "203.0.113.5", 123, false).suggestion()).contains("203.0.113.5:123/udp");
    sandbox.resolved(
        DomainName.parse("b.example"),
        List.of(IpRange.parse("203.0.113.5").first(), IpRange.parse("10.1.2.3").first()),
        Instant.now().plusSeconds(60));
    EgressEvent.Refused named = refused(6, "203.0.113.5", 80, false);
    assertThat(named.suggestion()).contains("b.example:80");
    assertThat(named.name()).contains("b.example");
    assertThat(named.port()).isEqualTo(OptionalInt.of(80));
    // A name does not open a refused range.
    assertThat(refused(6, "10.1.2.3", 443, false).suggestion()).contains("10.1.2.3:443");
  }

  @Test
  void suggestsNothingForWhatNoEntryCanAllow() {
    assertThat(refused(1, "203.0.113.5", 0, false).suggestion()).isEmpty();
    assertThat(refused(132, "203.0.113.5", 80, false).suggestion()).isEmpty();
    assertThat(refused(6, "192.0.2.1", 22, true).suggestion()).isEmpty();
    assertThat(refused(6, "198.19.0.9", 22, false).suggestion()).isEmpty();
  }

  @Test
  void tellsWhatWasAllowedAndByWhat() {
    log.packet(new LoggedPacket("allowed", DEVICE, false, packet(6, "203.0.113.5", 443)));
    log.packet(new LoggedPacket("recorded", DEVICE, false, packet(6, "203.0.113.5", 443)));
    assertThat(events)
        .extracting("byRule", "protocol")
        .containsExactly(tuple(true, "tcp"), tuple(false, "tcp"));
  }

  @Test
  void tellsEverybodyOfALoss() {
    log.lost(Optional.of(3));
    log.lost(Optional.empty());
    assertThat(events).hasSize(2).allMatch(event -> event instanceof EgressEvent.Lost);
  }

  @Test
  void leavesOutWhatIsNobodysOrDamaged() {
    log.packet(new LoggedPacket("refused", 99, false, packet(6, "203.0.113.5", 80)));
    log.packet(new LoggedPacket("else", DEVICE, false, packet(6, "203.0.113.5", 80)));
    log.packet(new LoggedPacket("refused", DEVICE, false, new byte[3]));
    assertThat(events).isEmpty();
  }
}
