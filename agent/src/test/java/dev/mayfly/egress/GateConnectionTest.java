package dev.mayfly.egress;

import static dev.mayfly.egress.GateLine.isReset;
import static dev.mayfly.egress.GateLine.send;
import static dev.mayfly.egress.Hellos.hello;
import static dev.mayfly.egress.Hellos.records;
import static dev.mayfly.egress.Hellos.serverName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.policy.EgressRule.Terms;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the gate can't know or open, it refuses. */
@Timeout(60)
class GateConnectionTest {
  private static final byte[] HELLO = records(hello(serverName("a.example")), 16384);

  private interface Ask {
    boolean isHost() throws IOException;
  }

  private static Outward outward(Ask ask) {
    return new Outward() {
      @Override
      public boolean isHost(InetSocketAddress to) throws IOException {
        return ask.isHost();
      }

      @Override
      public Socket open() {
        throw new ChannelException("socket: too many open files");
      }
    };
  }

  private static void assertRefused(String reason, Outward outward) throws IOException {
    try (GateLine line = new GateLine(Terms.NONE, GateLine.BOUNDS, outward)) {
      send(line.client, HELLO);
      assertThat(isReset(line.client)).isTrue();
      assertThat(line.events()).as("it was never allowed").hasSize(1);
      assertThat(line.refusal()).isEqualTo(reason);
    }
  }

  @Test
  void refusesWhatItCannotOpen() throws Exception {
    assertRefused("no more connections can be opened", outward(() -> false));
  }

  @Test
  void refusesThisHost() throws Exception {
    assertRefused("the address is this host's own", outward(() -> true));
    assertRefused("the address is this host's own", Outward.HOST);
  }

  @Test
  void refusesWhatMayBeThisHost() throws Exception {
    String reason = "it can't be told whether the address is this host's own";
    assertRefused(
        reason,
        outward(
            () -> {
              throw new ChannelException("socket: too many open files");
            }));
    assertRefused(
        reason,
        outward(
            () -> {
              throw new IOException("connect: permission denied");
            }));
  }
}
