package dev.mayfly.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class DnsNameTest {
  private static DnsName read(int at, int... bytes) {
    ByteBuf message = Unpooled.buffer();
    for (int one : bytes) {
      message.writeByte(one);
    }
    message.readerIndex(at);
    return DnsName.read(message);
  }

  @Test
  void followsPointersThatGoBack() {
    assertThat(read(3, 1, 'b', 0, 1, 'a', 0xc0, 0).text()).isEqualTo("a.b");
  }

  @Test
  void isEqualWhateverItsCaseAndKeepsIt() {
    DnsName name = read(0, 2, 'O', 'k', 0);
    assertThat(name).isEqualTo(DnsName.of("oK")).hasSameHashCodeAs(DnsName.of("ok"));
    assertThat(name.bytes()).containsExactly(2, 'O', 'k', 0);
    assertThat(name.text()).isEqualTo("ok");
  }

  @Test
  void keepsLabelsApartThatHoldDots() {
    DnsName name = read(0, 3, 'a', '.', 'b', 1, 'c', 0);
    assertThat(name.text()).isEqualTo("a\\.b.c");
    assertThat(name).isNotEqualTo(DnsName.of("a.b.c"));
  }

  @Test
  void showsOtherBytesAsNumbers() {
    assertThat(read(0, 3, 0x1b, ' ', 0xff, 0).text()).isEqualTo("\\027\\032\\255");
  }

  @Test
  void refusesPointersThatDoNotGoBack() {
    malformed(0, 0xc0, 0);
    malformed(0, 1, 'a', 0xc0, 0);
    malformed(0, 0xc0, 2, 0);
    malformed(4, 0xc0, 2, 0xc0, 0, 0xc0, 4);
    malformed(2, 0xc0, 2, 0xc0, 0);
  }

  @Test
  void refusesNamesThatEndEarlyOrAreTooLong() {
    malformed(0);
    malformed(0, 1);
    malformed(0, 1, 'a');
    malformed(0, 0xc0);
    malformed(0, 0x40, 0);
    int[] long5 = new int[5 * 52 + 1];
    for (int i = 0; i < 5; i++) {
      long5[i * 52] = 51;
    }
    malformed(0, long5);
  }

  private static void malformed(int at, int... bytes) {
    assertThatThrownBy(() -> read(at, bytes)).isInstanceOf(MalformedDnsException.class);
  }

  @Test
  void isWithinItselfAndNamesAbove() {
    DnsName name = DnsName.of("a.b.example");
    assertThat(name.isWithin(name)).isTrue();
    assertThat(name.isWithin(DnsName.of("B.example"))).isTrue();
    assertThat(name.isWithin(DnsName.of("b.other"))).isFalse();
    assertThat(DnsName.of("ab.example").isWithin(DnsName.of("b.example"))).isFalse();
    assertThat(name.isWithin(read(0, 0))).isTrue();
  }
}
