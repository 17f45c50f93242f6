package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketHeaderTest {
  private static final String IPV4 = "4500003c0000400040060000c613002acb007105";
  private static final String IPV6 =
      "6000000000%s%s40fd6d6179666c0001000000000000002a20010db8000000000000000000000005";

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @Test
  void readsIpv4WithAndWithoutOptions() {
    PacketHeader plain = PacketHeader.of(bytes(IPV4 + "9c4001bb")).orElseThrow();
    assertThat(plain.protocol()).isEqualTo("tcp");
    assertThat(plain.source().getHostAddress()).isEqualTo("198.19.0.42");
    assertThat(plain.destination().getHostAddress()).isEqualTo("203.0.113.5");
    assertThat(plain.port()).hasValue(443);
    String options = "46" + IPV4.substring(2) + "01010101" + "9c400050";
    assertThat(PacketHeader.of(bytes(options)).orElseThrow().port()).hasValue(80);
  }

  @Test
  void knowsNoPortOfWhatHasNone() {
    String icmp = IPV4.substring(0, 18) + "01" + IPV4.substring(20);
    PacketHeader header = PacketHeader.of(bytes(icmp + "0800f7ff")).orElseThrow();
    assertThat(header.protocol()).isEqualTo("icmp");
    assertThat(header.port()).isEmpty();
    String further = IPV4.substring(0, 12) + "0010" + IPV4.substring(16);
    assertThat(PacketHeader.of(bytes(further + "9c4001bb")).orElseThrow().port()).isEmpty();
    assertThat(PacketHeader.of(bytes(IPV4 + "9c40")).orElseThrow().port()).isEmpty();
  }

  @Test
  void goesThroughExtensionHeadersOfIpv6() {
    String udp = IPV6.formatted("08", "11") + "9c4001bb00080000";
    PacketHeader plain = PacketHeader.of(bytes(udp)).orElseThrow();
    assertThat(plain.protocol()).isEqualTo("udp");
    assertThat(plain.destination().getHostAddress()).isEqualTo("2001:db8:0:0:0:0:0:5");
    assertThat(plain.port()).hasValue(443);
    String hops = IPV6.formatted("10", "00") + "1100010400000000" + "9c4001bb00080000";
    assertThat(PacketHeader.of(bytes(hops)).orElseThrow().port()).hasValue(443);
    String fragment = IPV6.formatted("10", "2c") + "1100000800000001" + "9c4001bb00080000";
    assertThat(PacketHeader.of(bytes(fragment)).orElseThrow().port())
        .isEqualTo(OptionalInt.empty());
  }

  @Test
  void answersToAnyBytes() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      byte[] packet = new byte[random.nextInt(129)];
      random.nextBytes(packet);
      if (packet.length > 0) {
        packet[0] = (byte) (random.nextBoolean() ? 0x40 | (packet[0] & 15) : 0x60);
      }
      if (packet.length > 48 && random.nextBoolean()) {
        Arrays.fill(packet, 6, 7, (byte) (random.nextBoolean() ? 0 : 44));
      }
      assertThat(PacketHeader.of(packet)).isNotNull();
    }
  }
}
