package dev.mayfly.dns;

import static dev.mayfly.dns.RawMessage.A;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class AnswerChainTest {
  private static AnswerChain follow(RawMessage message) {
    return AnswerChain.follow(AnswerReader.read(Unpooled.wrappedBuffer(message.bytes())));
  }

  private static RawMessage response() {
    return RawMessage.response(RawMessage.query(1, "n0.example", A).bytes());
  }

  @Test
  void findsTheAnswerBehindAliasesInAnyOrder() {
    AnswerChain chain =
        follow(
            response()
                .address("n2.example", "192.0.2.1", 5)
                .alias("n1.example", "n2.example")
                .address("other.example", "192.0.2.66", 5)
                .alias("n0.example", "n1.example"));
    assertThat(chain)
        .isInstanceOfSatisfying(
            AnswerChain.Followed.class,
            followed -> {
              assertThat(followed.hops())
                  .containsExactly(DnsName.of("n1.example"), DnsName.of("n2.example"));
              assertThat(followed.records()).hasSize(3);
              assertThat(followed.answers()).isEqualTo(1);
              assertThat(followed.records().getLast().address().getHostAddress())
                  .isEqualTo("192.0.2.1");
            });
  }

  @Test
  void refusesCirclesAndEndlessChains() {
    assertThat(follow(response().alias("n0.example", "n0.example")))
        .isInstanceOf(AnswerChain.Endless.class);
    assertThat(
            follow(response().alias("n0.example", "n1.example").alias("n1.example", "n0.example")))
        .isInstanceOf(AnswerChain.Endless.class);
    assertThat(follow(chainOf(17))).isInstanceOf(AnswerChain.Endless.class);
    assertThat(follow(chainOf(16))).isInstanceOf(AnswerChain.Followed.class);
  }

  private static RawMessage chainOf(int hops) {
    RawMessage message = response();
    for (int i = 0; i < hops; i++) {
      message.alias("n" + i + ".example", "n" + (i + 1) + ".example");
    }
    return message.address("n" + hops + ".example", "192.0.2.1", 5);
  }
}
