package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.ProcessEvent.Told;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProcessEventDecoderTest {
  private final List<Told> events = new ArrayList<>();

  private boolean decode(byte[] bytes) {
    return ProcessEventDecoder.decode(
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()), events::add);
  }

  private static byte[] message(int kind, int... data) {
    int size = 16 + 20 + 16 + 24;
    ByteBuffer message = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    message.putInt(size).putShort((short) 3).putShort((short) 0).putInt(0).putInt(0);
    message.putInt(1).putInt(1).putInt(70).putInt(71).putShort((short) 40).putShort((short) 0);
    message.putInt(kind).putInt(2).putLong(123_456);
    for (int value : data) {
      message.putInt(value);
    }
    return message.array();
  }

  private List<ProcessEvent> decoded(byte[] bytes) {
    assertThat(decode(bytes)).isTrue();
    return events.stream().map(Told::event).toList();
  }

  @Test
  void tellsWhereAndWhen() {
    assertThat(decode(message(2, 5, 5))).isTrue();
    assertThat(events).containsExactly(new Told(2, 70, 123_456, new ProcessEvent.Executed(5)));
  }

  @Test
  void tellsForksOfProcessesAndThreads() {
    assertThat(decoded(message(1, 11, 10, 21, 20)))
        .containsExactly(new ProcessEvent.Forked(10, 21, 20));
  }

  @Test
  void tellsExitsWithTheirStatus() {
    assertThat(decoded(message(0x8000_0000, 7, 6, 9, 17, 1, 1)))
        .containsExactly(new ProcessEvent.Exited(7, 6, 9));
  }

  @Test
  void tellsChangesOfIdentity() {
    byte[] all = new byte[3 * 76];
    System.arraycopy(message(4, 7, 6, 1000, 0), 0, all, 0, 76);
    System.arraycopy(message(0x40, 7, 6, 1000, 5), 0, all, 76, 76);
    System.arraycopy(message(0x80, 7, 6), 0, all, 152, 76);
    assertThat(decoded(all))
        .containsExactly(
            new ProcessEvent.UserChanged(6, 1000, 0),
            new ProcessEvent.GroupChanged(6, 1000, 5),
            new ProcessEvent.SessionBegan(6));
  }

  @Test
  void tellsNamesAndTracers() {
    assertThat(decoded(message(0x200, 7, 6, 0x64636261, 0x00000065)))
        .containsExactly(new ProcessEvent.Named(7, 6, "abcde"));
    events.clear();
    assertThat(decoded(message(0x100, 7, 6, 9, 8))).containsExactly(new ProcessEvent.Traced(6, 8));
  }

  @Test
  void tellsAnswersAndWhatItDoesNotKnow() {
    assertThat(decoded(message(0, 13))).containsExactly(new ProcessEvent.Answered(71, 13));
    events.clear();
    assertThat(decoded(message(0x4000_0000, 7, 6))).hasOnlyElementsOfType(ProcessEvent.Other.class);
  }

  @Test
  void leavesOtherConnectorsAlone() {
    byte[] other = message(2, 5, 5);
    ByteBuffer.wrap(other).order(ByteOrder.nativeOrder()).putInt(16, 9);
    assertThat(decoded(other)).isEmpty();
  }

  @Test
  void takesEveryCutWithoutAThrow() {
    byte[] whole = message(2, 5, 5);
    for (int length = 1; length < whole.length; length++) {
      assertThat(decode(Arrays.copyOf(whole, length))).as("%d", length).isFalse();
    }
    assertThat(events).isEmpty();
  }

  @Test
  void takesHostileBytesWithoutAThrow() {
    Random random = new Random(4);
    int[] kinds = {0, 1, 2, 4, 0x40, 0x80, 0x100, 0x200, 0x8000_0000};
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = message(kinds[random.nextInt(kinds.length)], 1, 2, 3, 4, 5, 6);
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      decode(bytes);
    }
    for (int round = 0; round < 100_000; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      decode(bytes);
    }
    assertThat(events).isNotEmpty();
  }
}
