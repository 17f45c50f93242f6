package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventRingTest {
  private static final int SIZE = 256;
  private static final int BUSY = 1 << 31;
  private static final int DISCARD = 1 << 30;

  private final ByteBuffer consumer = direct(8);
  private final ByteBuffer producer = direct(8);
  private final ByteBuffer records = direct(2 * SIZE);
  private final EventRing ring = new EventRing(consumer, producer, records);

  private final List<String> read = new ArrayList<>();
  private final List<Long> passed = new ArrayList<>();
  private final EventRing.Reader reader =
      new EventRing.Reader() {
        @Override
        public void record(ByteBuffer from, int at, int length) {
          byte[] bytes = new byte[length];
          from.get(at, bytes);
          read.add(new String(bytes, StandardCharsets.US_ASCII));
        }

        @Override
        public void passed(long cost) {
          passed.add(cost);
        }
      };

  private static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  /** As the kernel does it; the second half is the first one. */
  private long put(String text, int state) {
    long at = producer.getLong(0);
    put(at, text.length() | state);
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < bytes.length; i++) {
      int offset = (int) ((at + 8 + i) % SIZE);
      records.put(offset, bytes[i]).put(offset + SIZE, bytes[i]);
    }
    producer.putLong(0, at + EventRing.cost(bytes.length));
    return at;
  }

  private void put(long at, int header) {
    int offset = (int) (at % SIZE);
    records.putInt(offset, header).putInt(offset + SIZE, header);
  }

  private int drain() throws IOException {
    return ring.drain(reader, 100);
  }

  @Test
  void readsWhatIsThereInItsOrder() throws IOException {
    put("one", 0);
    put("two two two", 0);
    assertThat(drain()).isEqualTo(2);
    assertThat(read).containsExactly("one", "two two two");
    assertThat(passed).containsExactly(16L, 24L);
    assertThat(ring.position()).isEqualTo(40).isEqualTo(ring.end());
    assertThat(drain()).isZero();
  }

  @Test
  void readsARecordThatWrapsInOnePiece() throws IOException {
    String text = "a record that is longer than the rest of the ring is at its end";
    for (int i = 0; i < 50; i++) {
      put(text, 0);
      assertThat(drain()).isEqualTo(1);
    }
    assertThat(read).hasSize(50).containsOnly(text);
  }

  @Test
  void waitsForARecordThatIsNotFinished() throws IOException {
    put("done", 0);
    long busy = put("slow", BUSY);
    put("after it", 0);
    assertThat(drain()).isEqualTo(1);
    assertThat(drain()).isZero();
    assertThat(read).containsExactly("done");
    put(busy, 4);
    assertThat(drain()).isEqualTo(2);
    assertThat(read).containsExactly("done", "slow", "after it");
  }

  @Test
  void skipsWhatWasDiscarded() throws IOException {
    put("given up", DISCARD);
    put("kept", 0);
    assertThat(drain()).isEqualTo(2);
    assertThat(read).containsExactly("kept");
    assertThat(passed).containsExactly(16L);
    assertThat(ring.position()).isEqualTo(ring.end());
  }

  @Test
  void readsNoMoreAtOnceThanAskedFor() throws IOException {
    put("one", 0);
    put("two", 0);
    assertThat(ring.drain(reader, 1)).isEqualTo(1);
    assertThat(read).containsExactly("one");
  }

  @Test
  void freesTheRoomBeforeItSaysSo() throws IOException {
    put("one", 0);
    List<Long> seen = new ArrayList<>();
    ring.drain(
        new EventRing.Reader() {
          @Override
          public void record(ByteBuffer from, int at, int length) {
            seen.add(ring.position());
          }

          @Override
          public void passed(long cost) {
            seen.add(ring.position());
          }
        },
        1);
    assertThat(seen).containsExactly(0L, 16L);
  }

  @Test
  void refusesWhatIsNoRing() {
    put("one", 0);
    put(0, SIZE);
    assertThatThrownBy(this::drain).isInstanceOf(IOException.class).hasMessageContaining("256");
    put(0, 64);
    assertThatThrownBy(this::drain).isInstanceOf(IOException.class).hasMessageContaining("64");
    assertThat(read).isEmpty();
  }

  @Test
  void refusesASizeThatIsNoPowerOfTwo() {
    assertThatThrownBy(() -> new EventRing(consumer, producer, direct(600)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
