package dev.mayfly.egress;

import static dev.mayfly.egress.Hellos.hello;
import static dev.mayfly.egress.Hellos.join;
import static dev.mayfly.egress.Hellos.record;
import static dev.mayfly.egress.Hellos.records;
import static dev.mayfly.egress.Hellos.serverName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.DomainName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelloRecordsTest {
  private static final byte[] BODY = hello(serverName("a.example"));
  private static final byte[] CHANGE_CIPHER_SPEC = record(20, (byte) 1);
  private static final byte[] EARLY_DATA = record(23, new byte[300]);
  private static final byte[] ALERT = record(21, (byte) 2, (byte) 40);

  private static void assertMalformed(String reason, HelloRecords records, byte[]... bytes) {
    assertThatThrownBy(() -> records.read(Unpooled.wrappedBuffer(bytes)))
        .isInstanceOf(MalformedHelloException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 30, 16384})
  void readsRecordsOfAnyLengthAsTheyCome(int longest) throws Exception {
    byte[] expected = join(CHANGE_CIPHER_SPEC, EARLY_DATA, records(BODY, longest));
    byte[] all = join(expected, EARLY_DATA);
    ByteBuf read = Unpooled.buffer();
    HelloRecords records = HelloRecords.second();
    for (int i = 0; i < expected.length; i++) {
      assertThat(records.read(read)).isEmpty();
      read.writeByte(all[i]);
    }
    read.writeBytes(EARLY_DATA);
    assertThat(records.read(read))
        .isEqualTo(Optional.of(new ClientHello(Optional.of(new DomainName("a.example")), false)));
    assertThat(records.end()).isEqualTo(expected.length);
    assertThat(read.readableBytes()).isEqualTo(all.length);
  }

  @Test
  void takesNothingButTheHelloAtAConnectionsBegin() {
    for (byte[] other : new byte[][] {CHANGE_CIPHER_SPEC, EARLY_DATA, ALERT, record(24)}) {
      assertMalformed("in its place", HelloRecords.first(), other);
    }
  }

  @Test
  void takesNoOtherRecordsBeforeTheSecondHello() {
    for (int type : new int[] {0, 19, 24, 128, 255}) {
      assertMalformed("in its place", HelloRecords.second(), record(type, new byte[3]));
    }
  }

  @Test
  void takesNoRecordWithinTheHello() {
    byte[] halves = records(BODY, 40);
    byte[] first = Arrays.copyOf(halves, 45);
    for (byte[] other : new byte[][] {CHANGE_CIPHER_SPEC, EARLY_DATA, ALERT}) {
      assertMalformed("another kind in it", HelloRecords.second(), first, other);
    }
  }

  @Test
  void takesNoOtherMessage() {
    assertMalformed("another message", HelloRecords.second(), record(22, (byte) 11));
    assertMalformed(
        "bytes after it in its record",
        HelloRecords.second(),
        record(22, join(new byte[] {1, 0}, Hellos.u16(BODY.length), BODY, new byte[1])));
  }

  @Test
  void takesNoRecordsThatServersMayReadInAnotherWay() {
    assertMalformed("empty or too long", HelloRecords.second(), record(22));
    assertMalformed("empty or too long", HelloRecords.second(), record(20));
    assertMalformed(
        "empty or too long", HelloRecords.second(), new byte[] {22, 3, 3, 0x40, 1, 1, 0});
    assertMalformed("empty or too long", HelloRecords.second(), new byte[] {23, 3, 3, 0x41, 1});
    assertMalformed("unknown version", HelloRecords.second(), new byte[] {22, 2, 0, 0, 4});
    assertMalformed(
        "longer than 64 KiB", HelloRecords.second(), record(22, new byte[] {1, 1, 0, 1}));
    assertMalformed(
        "more than one", HelloRecords.second(), records(hello(serverName("a", "b")), 9));
  }

  @Test
  void stopsAtAnAlert() throws Exception {
    HelloRecords records = HelloRecords.second();
    assertThat(records.read(Unpooled.wrappedBuffer(CHANGE_CIPHER_SPEC, ALERT, records(BODY, 99))))
        .isEmpty();
    assertThat(records.alerted()).isTrue();
    assertThat(records.end()).isEqualTo(CHANGE_CIPHER_SPEC.length + ALERT.length);
  }

  @Test
  void tellsWhetherSomethingIsIncomplete() throws Exception {
    HelloRecords records = HelloRecords.second();
    ByteBuf read = Unpooled.buffer().writeBytes(CHANGE_CIPHER_SPEC);
    records.read(read);
    assertThat(records.inside(read)).isFalse();
    byte[] first = Arrays.copyOf(records(BODY, 40), 45);
    read.writeBytes(first, 0, 44);
    records.read(read);
    assertThat(records.inside(read)).as("a record").isTrue();
    read.writeBytes(first, 44, 1);
    records.read(read);
    assertThat(records.inside(read)).as("a hello").isTrue();
  }
}
