package dev.mayfly.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HookFrameTest {
  private static final String REMEDY = "; are mayfly-hook and the supervisor of the same version?";

  /** Reads a frame as it comes over a connection. */
  static HookFrame decode(byte[] frame) throws HookProtocolException {
    ByteBuffer header = ByteBuffer.wrap(frame, 0, 12).slice();
    int length = HookFrame.payloadLength(header);
    return HookFrame.decode(header, Arrays.copyOfRange(frame, 12, 12 + length));
  }

  private static byte[] header(int type, int length) {
    return ByteBuffer.allocate(12).put((byte) type).put(new byte[7]).putInt(length).array();
  }

  @Test
  void readsEveryTypeOfFrame() throws IOException {
    assertThat(decode(FakeHook.frame(FakeHook.ARGUMENT, "run")))
        .isInstanceOfSatisfying(
            HookFrame.Argument.class, f -> assertThat(f.text()).asString().isEqualTo("run"));
    assertThat(decode(FakeHook.frame(FakeHook.VARIABLE, "A=b")))
        .isInstanceOfSatisfying(
            HookFrame.Variable.class, f -> assertThat(f.text()).asString().isEqualTo("A=b"));
    assertThat(decode(FakeHook.frame(FakeHook.RESPONSE, (byte) 0, (byte) -1)))
        .isInstanceOfSatisfying(
            HookFrame.Response.class, f -> assertThat(f.bytes()).containsExactly(0, -1));
    assertThat(decode(FakeHook.frame(FakeHook.SCRIPT, ":")))
        .isInstanceOfSatisfying(
            HookFrame.Script.class, f -> assertThat(f.bytes()).asString().isEqualTo(":"));
    assertThat(decode(FakeHook.frame(FakeHook.GO))).isEqualTo(new HookFrame.Go());
    assertThat(decode(FakeHook.frame(FakeHook.SIGNAL, (byte) 15)))
        .isEqualTo(new HookFrame.Signal(15));
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "1, 4096", "2, 1", "2, 131072", "3, 0", "3, 65536", "4, 65536", "6, 1"})
  void takesPayloadsUpToTheLimitsOfTheirTypes(int type, int length) throws IOException {
    assertThat(HookFrame.payloadLength(ByteBuffer.wrap(header(type, length)))).isEqualTo(length);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4097, argument",
    "1, -1, argument",
    "2, 0, variable",
    "2, 131073, variable",
    "3, 65537, response",
    "3, 2147483647, response",
    "4, 65537, script",
    "4, -2147483648, script",
    "5, 1, go",
    "6, 0, signal",
    "6, 2, signal",
  })
  void refusesPayloadsBeyondThem(int type, int length, String name) {
    assertThatThrownBy(() -> HookFrame.payloadLength(ByteBuffer.wrap(header(type, length))))
        .isInstanceOf(HookProtocolException.class)
        .hasMessage(
            "not the hook protocol: " + name + " with a payload of " + length + " bytes" + REMEDY);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 64, 66, 70, 127, -1, -128})
  void refusesTypesThatHooksDoNotSend(int type) {
    assertThatThrownBy(() -> HookFrame.payloadLength(ByteBuffer.wrap(header(type, 0))))
        .isInstanceOf(HookProtocolException.class)
        .hasMessage("not the hook protocol: frame type " + type + REMEDY);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void refusesReservedBytesThatAreNotZero(int at) {
    for (int bit = 0; bit < 8; bit++) {
      byte[] header = header(FakeHook.GO, 0);
      header[at] = (byte) (1 << bit);
      assertThatThrownBy(() -> HookFrame.payloadLength(ByteBuffer.wrap(header)))
          .isInstanceOf(HookProtocolException.class)
          .hasMessage("not the hook protocol: reserved header bytes that are not zero" + REMEDY);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 65, 127, -1, -128})
  void refusesNumbersThatAreNoSignals(int number) {
    assertThatThrownBy(() -> decode(FakeHook.frame(FakeHook.SIGNAL, (byte) number)))
        .isInstanceOf(HookProtocolException.class)
        .hasMessage("not the hook protocol: signal " + number + REMEDY);
  }

  @Test
  void writesHelloWithProtocolAndVersion() {
    assertThat(HookFrame.hello("0.1").array())
        .isEqualTo(FakeHook.frame(FakeHook.HELLO, "\0\0\0\u00010.1"));
  }

  @Test
  void writesAPieceOfOutput() {
    byte[] bytes = "abcd".getBytes(StandardCharsets.UTF_8);
    assertThat(HookFrame.output(HookFrame.Stream.STDOUT, bytes, 1, 2).array())
        .isEqualTo(FakeHook.frame(FakeHook.STDOUT, "bc"));
    assertThat(HookFrame.output(HookFrame.Stream.STDERR, bytes, 0, 4).array())
        .isEqualTo(FakeHook.frame(FakeHook.STDERR, "abcd"));
  }

  @Test
  void writesHowTheCallEnded() {
    assertThat(HookFrame.exit(new HookExit.Success()).array())
        .isEqualTo(FakeHook.frame(FakeHook.EXIT, new byte[5]));
    assertThat(HookFrame.exit(new HookExit.JobFailed(0x01020384)).array())
        .isEqualTo(FakeHook.frame(FakeHook.EXIT, new byte[] {1, 1, 2, 3, (byte) 0x84}));
    assertThat(HookFrame.exit(new HookExit.SystemFailed()).array())
        .isEqualTo(FakeHook.frame(FakeHook.EXIT, new byte[] {2, 0, 0, 0, 0}));
  }
}
