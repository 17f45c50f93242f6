package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InitFrameDecoderTest {
  private static final long SEED = 20_261_101L;
  private static final int LARGEST = 64 << 10;

  private static List<InitFrame> decode(byte[]... pieces) throws InitProtocolException {
    InitFrameDecoder decoder = new InitFrameDecoder();
    List<InitFrame> frames = new ArrayList<>();
    for (byte[] piece : pieces) {
      decoder.feed(piece, frames::add);
    }
    return frames;
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(SEED).nextBytes(bytes);
    return bytes;
  }

  /** A frame, and as PID 1 writes it. */
  record Sample(byte[] encoded, InitFrame frame) {}

  static Stream<Sample> frames() {
    return Stream.of(
        new Sample(InitFrames.hello(1, 7200), new InitFrame.Hello(1, Duration.ofHours(2))),
        new Sample(
            InitFrames.hello(2, -1), new InitFrame.Hello(2, Duration.ofSeconds((1L << 32) - 1))),
        new Sample(InitFrames.started(7, 42), new InitFrame.Started(7, 42)),
        new Sample(InitFrames.stdout(-1, new byte[0]), output(-1, InitFrame.Stream.STDOUT, 0)),
        new Sample(InitFrames.stdout(7, bytes(1)), output(7, InitFrame.Stream.STDOUT, 1)),
        new Sample(
            InitFrames.stderr(7, bytes(LARGEST)), output(7, InitFrame.Stream.STDERR, LARGEST)),
        new Sample(InitFrames.inputCredit(7, 1), new InitFrame.InputCredit(7, 1)),
        new Sample(InitFrames.inputCredit(7, 4 << 20), new InitFrame.InputCredit(7, 4 << 20)),
        new Sample(InitFrames.exited(7, 0, 255, 1_500, 0, 4), exited(false, 255)),
        new Sample(InitFrames.exited(7, 1, 64, 1_500, 0, 4), exited(true, 64)),
        new Sample(
            InitFrames.failed(7, 1, 11),
            new InitFrame.SpawnFailed(7, InitFrame.Step.RESOURCES, 11)),
        new Sample(
            InitFrames.failed(7, 2, 1), new InitFrame.SpawnFailed(7, InitFrame.Step.IDENTITY, 1)),
        new Sample(
            InitFrames.failed(7, 3, 13),
            new InitFrame.SpawnFailed(7, InitFrame.Step.DIRECTORY, 13)),
        new Sample(
            InitFrames.failed(7, 4, 2), new InitFrame.SpawnFailed(7, InitFrame.Step.EXEC, 2)),
        new Sample(InitFrames.pong(bytes(64)), new InitFrame.Pong(bytes(64))),
        new Sample(InitFrames.notice(1), new InitFrame.LifetimeReached()),
        new Sample(InitFrames.killed(), new InitFrame.Killed()));
  }

  private static InitFrame output(int command, InitFrame.Stream stream, int length) {
    return new InitFrame.Output(command, stream, bytes(length));
  }

  private static InitFrame exited(boolean bySignal, int value) {
    return new InitFrame.Exited(
        7, bySignal, value, Duration.ofNanos(1_500_000), Duration.ZERO, 4096);
  }

  @ParameterizedTest
  @MethodSource("frames")
  void decodesEveryFrame(Sample sample) throws InitProtocolException {
    assertThat(decode(sample.encoded()))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(sample.frame());
  }

  @Test
  void knowsAllFramesThatThereAre() {
    assertThat(frames().<Class<?>>map(sample -> sample.frame().getClass()).distinct())
        .containsExactlyInAnyOrder(InitFrame.class.getPermittedSubclasses());
  }

  @Test
  void givesACommandsEndTheCodeOfAShell() throws InitProtocolException {
    assertThat(decode(InitFrames.exited(1, 0, 255), InitFrames.exited(1, 1, 9)))
        .extracting(frame -> ((InitFrame.Exited) frame).shellCode())
        .containsExactly(255, 137);
  }

  @Test
  void takesFramesThatAreSplitAtAnyByte() throws InitProtocolException {
    byte[] stream =
        concatenated(
            InitFrames.hello(1, 0),
            InitFrames.stdout(3, bytes(20)),
            InitFrames.killed(),
            InitFrames.exited(3, 0, 1));
    List<InitFrame> whole = decode(stream);
    assertThat(whole).hasSize(4);
    for (int i = 0; i <= stream.length; i++) {
      assertThat(decode(Arrays.copyOf(stream, i), Arrays.copyOfRange(stream, i, stream.length)))
          .as("split at %d", i)
          .usingRecursiveFieldByFieldElementComparator()
          .isEqualTo(whole);
    }
    byte[][] single = new byte[stream.length][];
    Arrays.setAll(single, i -> new byte[] {stream[i]});
    assertThat(decode(single)).usingRecursiveFieldByFieldElementComparator().isEqualTo(whole);
  }

  @Test
  void givesNothingForAFrameThatIsNotComplete() throws InitProtocolException {
    byte[] frame = InitFrames.exited(3, 0, 1);
    for (int i = 0; i < frame.length; i++) {
      assertThat(decode(Arrays.copyOf(frame, i))).as("%d bytes", i).isEmpty();
    }
  }

  static Stream<Arguments> broken() {
    byte[] reserved = InitFrames.killed();
    reserved[3] = 1;
    return Stream.of(
        Arguments.of(reserved, "reserved bytes are not zero"),
        Arguments.of(InitFrames.frame(0, 0, new byte[0]), "unknown frame type 0"),
        Arguments.of(InitFrames.frame(1, 1, new byte[40]), "unknown frame type 1"),
        Arguments.of(InitFrames.frame(74, 0, new byte[0]), "unknown frame type 74"),
        Arguments.of(InitFrames.frame(255, 0, new byte[0]), "unknown frame type 255"),
        Arguments.of(InitFrames.frame(64, 0, new byte[7]), "frame type 64 with 7 bytes, not 8"),
        Arguments.of(InitFrames.frame(65, 1, new byte[5]), "frame type 65 with 5 bytes, not 4"),
        Arguments.of(InitFrames.frame(68, 1, new byte[0]), "frame type 68 with 0 bytes, not 4"),
        Arguments.of(InitFrames.frame(69, 1, new byte[27]), "frame type 69 with 27 bytes, not 26"),
        Arguments.of(InitFrames.frame(70, 1, new byte[4]), "frame type 70 with 4 bytes, not 5"),
        Arguments.of(InitFrames.frame(72, 0, new byte[2]), "frame type 72 with 2 bytes, not 1"),
        Arguments.of(InitFrames.frame(73, 0, new byte[1]), "frame type 73 with 1 bytes, not 0"),
        Arguments.of(InitFrames.inputCredit(1, 0), "credit of 0 bytes"),
        Arguments.of(InitFrames.inputCredit(1, (4 << 20) + 1), "credit of 4194305 bytes"),
        Arguments.of(InitFrames.inputCredit(1, -1), "credit of 4294967295 bytes"),
        Arguments.of(InitFrames.exited(1, 2, 0), "exit of kind 2 with 0"),
        Arguments.of(InitFrames.exited(1, 255, 0), "exit of kind -1 with 0"),
        Arguments.of(InitFrames.exited(1, 1, 0), "exit of kind 1 with 0"),
        Arguments.of(InitFrames.exited(1, 1, 65), "exit of kind 1 with 65"),
        Arguments.of(InitFrames.exited(1, 0, 0, -1, 0, 0), "impossible processor time"),
        Arguments.of(InitFrames.exited(1, 0, 0, 0, -1, 0), "impossible processor time"),
        Arguments.of(InitFrames.exited(1, 0, 0, 0, 0, -1), "impossible resident size"),
        Arguments.of(InitFrames.exited(1, 0, 0, 0, 0, 1L << 53), "impossible resident size"),
        Arguments.of(InitFrames.failed(1, 0, 1), "unknown step 0"),
        Arguments.of(InitFrames.failed(1, 5, 1), "unknown step 5"),
        Arguments.of(InitFrames.notice(0), "unknown notice"),
        Arguments.of(InitFrames.notice(2), "unknown notice"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void refusesWhatPid1MayNotSend(byte[] bytes, String reason) {
    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOf(InitProtocolException.class)
        .hasMessage("PID 1 broke the init protocol: " + reason);
  }

  /** Before there is a byte of it, and so before there is memory for it. */
  @ParameterizedTest
  @ValueSource(ints = {LARGEST + 1, 4 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void refusesOversizedFramesByTheirHeader(int length) {
    assertThatThrownBy(() -> decode(InitFrames.header(66, 1, length, new byte[0])))
        .isInstanceOf(InitProtocolException.class)
        .hasMessage(
            "PID 1 broke the init protocol: payload of "
                + Integer.toUnsignedLong(length)
                + " bytes");
  }

  @Test
  void neverFailsInAnotherWayOnRandomBytes() {
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (random.nextBoolean() && bytes.length > 3) {
        bytes[0] = (byte) (64 + random.nextInt(11));
        Arrays.fill(bytes, 1, Math.min(bytes.length, 10), (byte) 0);
      }
      refused += refuses("random bytes", round, bytes, random) ? 1 : 0;
    }
    assertThat(refused).as("refused ones, seed %d", SEED).isBetween(5_000, 19_900);
  }

  @Test
  void neverFailsInAnotherWayOnDamagedFrames() {
    Random random = new Random(SEED);
    List<byte[]> good = frames().map(Sample::encoded).toList();
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] stream =
          concatenated(
              good.get(random.nextInt(good.size())).clone(),
              good.get(random.nextInt(good.size())).clone());
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(Math.min(stream.length, 40));
        stream[at] = (byte) random.nextInt(256);
      }
      refused += refuses("damaged frames", round, stream, random) ? 1 : 0;
    }
    assertThat(refused).as("refused ones, seed %d", SEED).isBetween(5_000, 19_000);
  }

  /** In pieces of random sizes; whatever is decoded is within the bounds of the protocol. */
  private static boolean refuses(String what, int round, byte[] bytes, Random random) {
    InitFrameDecoder decoder = new InitFrameDecoder();
    try {
      for (int at = 0; at < bytes.length; ) {
        int end = Math.min(bytes.length, at + 1 + random.nextInt(30_000));
        decoder.feed(Arrays.copyOfRange(bytes, at, end), InitFrameDecoderTest::check);
        at = end;
      }
      return false;
    } catch (InitProtocolException e) {
      return true;
    } catch (RuntimeException e) {
      throw new AssertionError(what + ", seed " + SEED + ", round " + round, e);
    }
  }

  private static void check(InitFrame frame) {
    switch (frame) {
      case InitFrame.Output output ->
          assertThat(output.bytes().length).isLessThanOrEqualTo(LARGEST);
      case InitFrame.InputCredit credit -> assertThat(credit.bytes()).isBetween(1, 4 << 20);
      case InitFrame.Exited exit -> assertThat(exit.shellCode()).isBetween(0, 255);
      default -> assertThat(frame).isNotNull();
    }
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      whole.writeBytes(part);
    }
    return whole.toByteArray();
  }
}
