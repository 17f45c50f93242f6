package dev.mayfly.dns;

import static dev.mayfly.dns.RawMessage.A;
import static dev.mayfly.dns.RawMessage.OPT;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.Arrays;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class QueryReaderTest {
  private static Query read(byte... bytes) {
    return QueryReader.read(Unpooled.wrappedBuffer(bytes));
  }

  private static void unfit(DnsResponseCode code, RawMessage message) {
    assertThat(read(message.bytes()))
        .isInstanceOfSatisfying(
            Query.Unfit.class,
            unfit -> {
              assertThat(unfit.id()).isEqualTo(7);
              assertThat(unfit.code()).isEqualTo(code);
            });
  }

  private static RawMessage query() {
    return RawMessage.query(7, "Example.org", A);
  }

  @Test
  void readsAQuestion() {
    assertThat(read(query().edns(1400).bytes()))
        .isInstanceOfSatisfying(
            Query.Asked.class,
            asked -> {
              assertThat(asked.question().id()).isEqualTo(7);
              assertThat(asked.question().name()).isEqualTo(DnsName.of("example.org"));
              assertThat(asked.question().type()).isEqualTo(DnsRecordType.A);
              assertThat(asked.question().payload()).hasValue(1400);
              assertThat(asked.question().recursionDesired()).isTrue();
            });
  }

  @Test
  void takesExactlyOneQuestion() {
    unfit(DnsResponseCode.FORMERR, query().question("example.net", A));
    unfit(DnsResponseCode.FORMERR, query().counted(0, 0));
    unfit(DnsResponseCode.FORMERR, query().counted(0, 2));
  }

  @Test
  void takesNoRecordsButOneOption() {
    unfit(DnsResponseCode.FORMERR, query().address("example.org", "192.0.2.1", 1));
    unfit(DnsResponseCode.FORMERR, query().edns(1232).edns(1232));
    unfit(DnsResponseCode.FORMERR, query().record(3, RawMessage.name("a"), OPT, 0));
    unfit(DnsResponseCode.FORMERR, query().record(3, RawMessage.name(""), A, 0, new byte[4]));
  }

  @Test
  void refusesWhatFollowsTheMessage() {
    unfit(DnsResponseCode.FORMERR, query().raw((byte) 1));
    unfit(DnsResponseCode.FORMERR, query().raw(new byte[3000]));
  }

  @Test
  void saysWhichEdnsItHas() {
    unfit(DnsResponseCode.BADVERS_OR_BADSIG, query().edns(1232, 1));
  }

  @Test
  void refusesOtherOperationsAndClasses() {
    unfit(DnsResponseCode.NOTIMP, query().flag(5 << 11));
    byte[] chaos = query().bytes();
    chaos[chaos.length - 1] = 3;
    assertThat(read(chaos)).isEqualTo(new Query.Unfit(7, 0, DnsResponseCode.REFUSED));
  }

  @Test
  void saysNothingToResponsesAndRubbish() {
    assertThat(read(query().flag(0x8000).bytes())).isInstanceOf(Query.Noise.class);
    assertThat(read(Arrays.copyOf(query().bytes(), 11))).isInstanceOf(Query.Noise.class);
    assertThat(read()).isInstanceOf(Query.Noise.class);
  }
}
