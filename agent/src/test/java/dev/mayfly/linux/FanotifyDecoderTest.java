package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.FanotifyEvent.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FanotifyDecoderTest {
  private static final byte[] DIRECTORY = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final byte[] FILE = {8, 7, 6, 5, 4, 3, 2, 1};

  private final List<FanotifyEvent> events = new ArrayList<>();

  private boolean decode(byte[] bytes) {
    return FanotifyDecoder.decode(
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()), events::add);
  }

  private static byte[] info(int type, byte[] handle, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    int length = (20 + handle.length + (text.length == 0 ? 0 : text.length + 1) + 3) & ~3;
    return ByteBuffer.allocate(length)
        .order(ByteOrder.nativeOrder())
        .put((byte) type)
        .put((byte) 0)
        .putShort((short) length)
        .putLong(0)
        .putInt(handle.length)
        .putInt(1)
        .put(handle)
        .put(text)
        .array();
  }

  private static byte[] event(long mask, int pid, byte[]... infos) {
    int length = 24;
    for (byte[] info : infos) {
      length += info.length;
    }
    ByteBuffer event = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    event.putInt(length).put((byte) 3).put((byte) 0).putShort((short) 24);
    event.putLong(mask).putInt(-1).putInt(pid);
    for (byte[] info : infos) {
      event.put(info);
    }
    return event.array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(4096);
    for (byte[] part : parts) {
      all.put(part);
    }
    byte[] bytes = new byte[all.position()];
    all.get(0, bytes);
    return bytes;
  }

  private static Entry entry(String name) {
    return new Entry(new FileHandle(1, DIRECTORY), name.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void tellsTheNameAndTheFile() {
    byte[] bytes =
        joined(
            event(FanotifyEvent.CREATE, 7, info(2, DIRECTORY, "job"), info(1, FILE, "")),
            event(FanotifyEvent.DELETE, 8, info(2, DIRECTORY, "a\u00e4")));

    assertThat(decode(bytes)).isTrue();
    assertThat(events)
        .containsExactly(
            new FanotifyEvent(
                FanotifyEvent.CREATE, 7, -1, entry("job"), null, new FileHandle(1, FILE)),
            new FanotifyEvent(FanotifyEvent.DELETE, 8, -1, entry("a\u00e4"), null, null));
  }

  @Test
  void tellsBothNamesOfARename() {
    byte[] bytes =
        event(FanotifyEvent.RENAME, 7, info(10, DIRECTORY, "old"), info(12, DIRECTORY, "new"));

    assertThat(decode(bytes)).isTrue();
    assertThat(events)
        .containsExactly(
            new FanotifyEvent(FanotifyEvent.RENAME, 7, -1, entry("old"), entry("new"), null));
  }

  @Test
  void takesADirectoryWithoutNameAsItself() {
    assertThat(decode(event(FanotifyEvent.ATTRIB, 7, info(3, DIRECTORY, "")))).isTrue();
    assertThat(events).extracting(FanotifyEvent::entry).containsExactly(entry("."));
  }

  @Test
  void skipsRecordsThatItDoesNotKnow() {
    byte[] unknown = {99, 0, 8, 0, 1, 2, 3, 4};
    ByteBuffer.wrap(unknown).order(ByteOrder.nativeOrder()).putShort(2, (short) 8);

    assertThat(decode(event(FanotifyEvent.CREATE, 7, unknown, info(2, DIRECTORY, "x")))).isTrue();
    assertThat(events).extracting(FanotifyEvent::entry).containsExactly(entry("x"));
  }

  @Test
  void tellsAnOverflowThatHasNoName() {
    assertThat(decode(event(FanotifyEvent.OVERFLOW, 0))).isTrue();
    assertThat(events).allMatch(event -> event.has(FanotifyEvent.OVERFLOW)).hasSize(1);
  }

  @Test
  void takesWhatIsBeforeTheDamage() {
    byte[] good = event(FanotifyEvent.CREATE, 7, info(2, DIRECTORY, "good"));
    byte[] bad = event(FanotifyEvent.CREATE, 7, info(2, DIRECTORY, "bad"));
    ByteBuffer.wrap(bad).order(ByteOrder.nativeOrder()).putInt(24 + 12, Integer.MAX_VALUE);

    assertThat(decode(joined(good, bad, good))).isFalse();
    assertThat(events).extracting(FanotifyEvent::entry).containsExactly(entry("good"));
  }

  @Test
  void takesEveryCutWithoutAThrow() {
    byte[] whole = event(FanotifyEvent.CREATE, 7, info(2, DIRECTORY, "name"), info(1, FILE, ""));
    for (int length = 1; length < whole.length; length++) {
      assertThat(decode(Arrays.copyOf(whole, length))).as("%d", length).isFalse();
    }
    assertThat(events).isEmpty();
  }

  @Test
  void takesHostileBytesWithoutAThrow() {
    Random random = new Random(4);
    byte[] whole =
        joined(
            event(FanotifyEvent.CREATE, 7, info(2, DIRECTORY, "name"), info(1, FILE, "")),
            event(FanotifyEvent.RENAME, 7, info(10, DIRECTORY, "o"), info(12, DIRECTORY, "n")));
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = whole.clone();
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
