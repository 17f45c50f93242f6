package dev.mayfly.dns;

import static dev.mayfly.dns.RawMessage.A;
import static dev.mayfly.dns.RawMessage.CNAME;
import static dev.mayfly.dns.RawMessage.SOA;
import static dev.mayfly.dns.RawMessage.TXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class AnswerReaderTest {
  private static final byte[] QUERY = RawMessage.query(9, "a.example.org", A).bytes();

  private static RawMessage response() {
    return RawMessage.response(QUERY);
  }

  private static Answer read(RawMessage message) {
    return AnswerReader.read(Unpooled.wrappedBuffer(message.bytes()));
  }

  private static void malformed(RawMessage message) {
    assertThatThrownBy(() -> read(message)).isInstanceOf(MalformedDnsException.class);
  }

  @Test
  void unpacksNamesWithinData() {
    byte[] pointer = {(byte) 0xc0, 12};
    byte[] soa = new byte[24];
    System.arraycopy(pointer, 0, soa, 0, 2);
    System.arraycopy(pointer, 0, soa, 2, 2);
    soa[23] = 30;
    Answer answer =
        read(
            response()
                .record(1, pointer, CNAME, 5, (byte) 0xc0, (byte) 14)
                .record(2, pointer, SOA, 9, soa));
    assertThat(answer.answers().getFirst().target()).contains(DnsName.of("example.org"));
    assertThat(answer.authority().getFirst().data()).hasSize(2 * 15 + 20);
    assertThat(answer.authority().getFirst().negativeTtl()).isEqualTo(30);
  }

  @Test
  void refusesDataThatAreNotOfTheirType() {
    malformed(response().answer("a.example.org", A, 1, new byte[5]));
    malformed(
        response().answer("a.example.org", CNAME, 1, (byte) 1, (byte) 'a', (byte) 0, (byte) 0));
    malformed(response().answer("a.example.org", SOA, 1, (byte) 0));
    malformed(response().answer("a.example.org", TXT, 1, (byte) 3, (byte) 'a'));
  }

  @Test
  void refusesCountsThatAreNotTrue() {
    malformed(response().counted(1, 1));
    malformed(response().counted(1, 65_535));
    malformed(response().counted(0, 2));
    malformed(response().counted(0, 0));
  }

  @Test
  void refusesMoreRecordsThanAnybodyNeeds() {
    RawMessage many = response();
    for (int i = 0; i < 600; i++) {
      many.record(1, new byte[] {(byte) 0xc0, 12}, A, 1, new byte[4]);
    }
    malformed(many);
  }

  @Test
  void dropsServiceBindingsThatAreMalformed() {
    assertThat(
            AnswerChain.follow(
                read(
                    RawMessage.response(
                            RawMessage.query(9, "a.example.org", RawMessage.HTTPS).bytes())
                        .answer("a.example.org", RawMessage.HTTPS, 1, (byte) 0))))
        .isInstanceOfSatisfying(
            AnswerChain.Followed.class, chain -> assertThat(chain.records()).isEmpty());
  }
}
