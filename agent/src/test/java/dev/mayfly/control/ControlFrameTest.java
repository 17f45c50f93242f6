package dev.mayfly.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.flow.FrameChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ControlFrameTest {
  static Stream<ControlFrame> frames() {
    return Stream.of(
        new ControlFrame.Exec(new byte[] {'{', '}'}),
        new ControlFrame.Stdin(new byte[0]),
        new ControlFrame.Stdin(new byte[] {0, -1, 10}),
        new ControlFrame.OutputCredit(ControlFrame.STDERR, 70_000),
        new ControlFrame.ReaderGone(ControlFrame.STDOUT),
        new ControlFrame.Signal(15),
        new ControlFrame.Resize(65_535, 1),
        new ControlFrame.Hello(1, "0.1.0"),
        new ControlFrame.Output(ControlFrame.STDOUT, new byte[] {1, 2}),
        new ControlFrame.Output(ControlFrame.STDERR, new byte[ControlFrame.MAX_BYTES]),
        new ControlFrame.InputCredit(1),
        new ControlFrame.Message("a line, é"),
        new ControlFrame.Done(125));
  }

  @ParameterizedTest
  @MethodSource("frames")
  void arriveAsTheyWereSent(ControlFrame frame) throws IOException {
    assertThat(decode(frame.encoded())).usingRecursiveComparison().isEqualTo(frame);
  }

  @Test
  void areRefusedWithAnUnknownType() {
    assertThatThrownBy(() -> decode(header(9, 0, 0)))
        .isInstanceOf(ControlProtocolException.class)
        .hasMessageContaining("frame type 9");
  }

  @Test
  void areRefusedWithReservedBytes() {
    assertThatThrownBy(() -> decode(header(4, 1, 1)))
        .isInstanceOf(ControlProtocolException.class)
        .hasMessageContaining("reserved");
  }

  @Test
  void areRefusedWithALengthThatTheTypeDoesNotHave() {
    assertThatThrownBy(() -> ControlFrame.payloadLength(header(2, 0, ControlFrame.MAX_BYTES + 1)))
        .isInstanceOf(ControlProtocolException.class);
    assertThatThrownBy(() -> ControlFrame.payloadLength(header(2, 0, -1)))
        .isInstanceOf(ControlProtocolException.class);
  }

  @Test
  void areNothingElseThanRefusedWhateverComes() {
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[FrameChannel.HEADER + random.nextInt(12)];
      random.nextBytes(bytes);
      bytes[0] = (byte) (random.nextBoolean() ? random.nextInt(7) : 64 + random.nextInt(8));
      if (random.nextInt(4) > 0) {
        System.arraycopy(new byte[7], 0, bytes, 1, 7);
        ByteBuffer.wrap(bytes).putInt(8, bytes.length - FrameChannel.HEADER);
      }
      try {
        decode(ByteBuffer.wrap(bytes));
      } catch (ControlProtocolException e) {
        assertThat(e).hasMessageStartingWith("not the control protocol");
      } catch (IOException e) {
        throw new AssertionError("round " + i, e);
      }
    }
  }

  private static ByteBuffer header(int type, int reserved, int length) {
    return ByteBuffer.allocate(FrameChannel.HEADER)
        .put((byte) type)
        .put((byte) reserved)
        .putShort((short) 0)
        .putInt(0)
        .putInt(length)
        .flip();
  }

  private static ControlFrame decode(ByteBuffer frame) throws IOException {
    int length = ControlFrame.payloadLength(frame);
    byte[] payload = new byte[Math.min(length, frame.limit() - FrameChannel.HEADER)];
    frame.get(FrameChannel.HEADER, payload);
    if (payload.length < length) {
      throw new ControlProtocolException("a frame that is not whole");
    }
    return ControlFrame.decode(frame, payload);
  }
}
