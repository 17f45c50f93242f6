package dev.mayfly.egress;

import static dev.mayfly.egress.Hellos.join;
import static dev.mayfly.egress.Hellos.record;
import static dev.mayfly.egress.ServerAnswer.DAMAGED;
import static dev.mayfly.egress.ServerAnswer.INCOMPLETE;
import static dev.mayfly.egress.ServerAnswer.ORDINARY;
import static dev.mayfly.egress.ServerAnswer.RETRY;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ServerAnswerTest {
  private static final int TELLING = 43;
  private static final byte[] WARNING = record(21, (byte) 1, (byte) 112);

  private static ServerAnswer of(byte[] bytes) {
    // Neither begins at its memory's first byte.
    return ServerAnswer.of(Unpooled.wrappedBuffer(join(new byte[3], bytes)).skipBytes(3));
  }

  @Test
  void tellsAHelloRetryRequestByItsRandom() {
    assertThat(of(Hellos.retry())).isEqualTo(RETRY);
    assertThat(of(Hellos.serverHello())).isEqualTo(ORDINARY);
    for (int at = 11; at < TELLING; at++) {
      byte[] other = Hellos.retry();
      other[at] ^= 1;
      assertThat(of(other)).isEqualTo(ORDINARY);
    }
  }

  @Test
  void waitsForTheWholeRandom() {
    for (byte[] whole : new byte[][] {Hellos.retry(), Hellos.serverHello()}) {
      for (int length = 0; length < TELLING; length++) {
        assertThat(of(Arrays.copyOf(whole, length))).isEqualTo(INCOMPLETE);
      }
      assertThat(of(Arrays.copyOf(whole, TELLING))).isEqualTo(of(whole));
    }
  }

  @Test
  void doesNotLetAHelloRetryRequestInPiecesPass() {
    byte[] message = Arrays.copyOfRange(Hellos.retry(), 5, 5 + 37);
    assertThat(of(record(22, message))).isEqualTo(DAMAGED);
    assertThat(of(Arrays.copyOf(record(22, message), 5))).isEqualTo(DAMAGED);
    assertThat(of(record(22))).isEqualTo(DAMAGED);
  }

  @Test
  void doesNotLetAnotherHandshakeMessageHideIt() {
    byte[] request = Arrays.copyOfRange(Hellos.retry(), 5, Hellos.retry().length);
    assertThat(of(record(22, join(new byte[4], request)))).isEqualTo(DAMAGED);
    assertThat(of(record(22, join(new byte[] {6, 0, 0, 40}, new byte[40])))).isEqualTo(DAMAGED);
  }

  @Test
  void passesAnythingElseAtOnce() {
    assertThat(of(record(21, (byte) 2, (byte) 40))).isEqualTo(ORDINARY);
    assertThat(of(record(21, (byte) 1, (byte) 0))).as("close_notify").isEqualTo(ORDINARY);
    assertThat(of(record(21, new byte[20]))).isEqualTo(ORDINARY);
    assertThat(of(new byte[] {23})).isEqualTo(ORDINARY);
    assertThat(of("HTTP/1.1".getBytes(StandardCharsets.US_ASCII))).isEqualTo(ORDINARY);
  }

  @Test
  void looksBehindWarnings() {
    assertThat(of(WARNING)).isEqualTo(INCOMPLETE);
    assertThat(of(Arrays.copyOf(WARNING, 6))).isEqualTo(INCOMPLETE);
    assertThat(of(join(WARNING, WARNING, Hellos.retry()))).isEqualTo(RETRY);
    assertThat(of(join(WARNING, Hellos.serverHello()))).isEqualTo(ORDINARY);
  }
}
