package dev.mayfly.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FrameChannelTest {
  private final SocketChannel peer;
  private final FrameChannel channel;

  FrameChannelTest(@TempDir Path directory) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(address);
      peer = SocketChannel.open(address);
      channel = new FrameChannel(listening.accept(), "test's connection");
    }
  }

  @AfterEach
  void close() throws IOException {
    channel.close();
    peer.close();
  }

  @Test
  void makesFramesWithRoomForTheirPayload() {
    ByteBuffer frame = FrameChannel.frame(200, 3);
    assertThat(frame.remaining()).isEqualTo(3);
    assertThat(frame.flip())
        .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}));
    assertThat(FrameChannel.isPlain(frame)).isTrue();
    assertThat(FrameChannel.length(frame)).isEqualTo(3);
  }

  @Test
  void seesEveryByteOfAHeaderThatHasNothingToSay() {
    for (int at = 1; at < FrameChannel.HEADER; at++) {
      ByteBuffer header = ByteBuffer.allocate(FrameChannel.HEADER);
      header.put(at, (byte) 1);
      assertThat(FrameChannel.isPlain(header)).as("byte %d", at).isEqualTo(at >= 8);
    }
    assertThat(FrameChannel.length(ByteBuffer.allocate(12).putInt(8, -1))).isEqualTo(-1);
  }

  @Test
  void waitsForBytesThatComeInPieces() throws Exception {
    CompletableFuture<ByteBuffer> received =
        CompletableFuture.supplyAsync(() -> receive(4), Thread::startVirtualThread);
    for (byte one : new byte[] {1, 2, 3, 4}) {
      peer.write(ByteBuffer.wrap(new byte[] {one}));
    }
    assertThat(received.get(30, TimeUnit.SECONDS))
        .isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
    assertThat(channel.receive(0).hasRemaining()).isFalse();
  }

  private ByteBuffer receive(int length) {
    try {
      return channel.receive(length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void saysWhenTheOtherSideIsGone() throws IOException {
    peer.write(ByteBuffer.wrap(new byte[3]));
    peer.close();
    assertThatThrownBy(() -> channel.receive(4))
        .isInstanceOf(EOFException.class)
        .hasMessage("the other side of the test's connection is gone");
  }

  @Test
  void endsAWaitWhenItIsClosed() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    channel.receive(1);
                  } catch (IOException e) {
                    failure.complete(e);
                  }
                });
    channel.close();
    waiting.join();
    assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void mixesNoFramesOfSeveralSenders() throws Exception {
    int size = 100_000;
    int each = 20;
    List<Integer> senders = List.of(1, 2, 3);
    List<CompletableFuture<Void>> sending =
        senders.stream()
            .map(
                type ->
                    CompletableFuture.runAsync(
                        () -> IntStream.range(0, each).forEach(_ -> send(type, size)),
                        Thread::startVirtualThread))
            .toList();
    FrameChannel other = new FrameChannel(peer, "other end");
    int[] counts = new int[4];
    for (int i = 0; i < senders.size() * each; i++) {
      ByteBuffer header = other.receive(FrameChannel.HEADER);
      assertThat(FrameChannel.isPlain(header)).isTrue();
      byte[] payload = other.receive(FrameChannel.length(header)).array();
      byte[] expected = new byte[size];
      Arrays.fill(expected, header.get(0));
      assertThat(payload).isEqualTo(expected);
      counts[header.get(0)]++;
    }
    assertThat(counts).containsExactly(0, each, each, each);
    sending.forEach(CompletableFuture::join);
  }

  private void send(int type, int size) {
    byte[] payload = new byte[size];
    Arrays.fill(payload, (byte) type);
    try {
      channel.send(FrameChannel.frame(type, size).put(payload).flip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
