package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SeatsTest {
  private final Seats seats =
      new Seats(new GateBounds(3, 2, 100, Duration.ofSeconds(1), Duration.ofSeconds(1)));
  private final ArmedSandbox one = GateSandboxes.allowing();
  private final ArmedSandbox other = GateSandboxes.allowing();
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  private EmbeddedChannel channel() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channels.add(channel);
    return channel;
  }

  @AfterEach
  void close() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    assertThat(seats.all()).isEmpty();
  }

  @Test
  void boundsTheConnectionsOfEachSandbox() {
    Seats.Seat first = seats.take(one, channel()).orElseThrow();
    assertThat(seats.take(one, channel())).isPresent();
    assertThat(seats.take(one, channel())).as("more hellos").isEmpty();
    first.hear();
    seats.take(one, channel()).orElseThrow().hear();
    assertThat(seats.take(one, channel())).as("more connections").isEmpty();
    assertThat(seats.take(other, channel())).isPresent();
    channels.getFirst().finishAndReleaseAll();
    assertThat(seats.take(one, channel())).isPresent();
    assertThat(seats.of(one)).hasSize(3);
  }

  @Test
  void boundsWhatASandboxHoldsInMemory() {
    Seats.Seat first = seats.take(one, channel()).orElseThrow();
    Seats.Seat second = seats.take(one, channel()).orElseThrow();
    assertThat(first.hold(60)).isTrue();
    assertThat(second.hold(41)).isFalse();
    assertThat(seats.take(other, channel()).orElseThrow().hold(100)).isTrue();
    first.pass();
    assertThat(second.hold(59)).isTrue();
    channels.get(1).finishAndReleaseAll();
    assertThat(first.hold(100)).isTrue();
  }
}
