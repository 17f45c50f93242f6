package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.bpf.Decoded.Malformed;
import dev.mayfly.bpf.Decoded.Told;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever bytes there are, the answer is an event or a reason. */
class EventDecoderFuzzTest {
  private static final int RUNS = 1_000_000;
  private static final int SIZE = 1 << 12;
  private static final int[] TYPES = {1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 32, 33, 34, 35};
  private static final int[] SIZES = {80, 96, 104, 112, 144, 232, 904, 1656, 1928, 2184};

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final EventDecoder decoder = new EventDecoder(SystemCalls.of("amd64"), 4096);
  private final ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());

  @Test
  void answersWhateverTheBytesAre() {
    int told = 0;
    int malformed = 0;
    for (int run = 0; run < RUNS; run++) {
      int size = grow();
      try {
        switch (decoder.decode(bytes, 0, size, 0)) {
          case Told(var event) -> told += event.stamp() == null ? 0 : 1;
          case Malformed(var why) -> malformed += why.isEmpty() ? 0 : 1;
        }
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", run " + run, e);
      }
    }
    assertThat(told + malformed).isEqualTo(RUNS);
    assertThat(told).as("of a kind that can be told").isGreaterThan(RUNS / 10);
    assertThat(malformed).as("of a kind that can't").isGreaterThan(RUNS / 10);
  }

  /** Mostly what the last one was, with a header that leads further than chance would. */
  private int grow() {
    int size = random.nextInt(8) == 0 ? random.nextInt(SIZE + 1) : SIZES[random.nextInt(10)];
    for (int i = random.nextInt(64); i > 0; i--) {
      bytes.put(random.nextInt(SIZE), (byte) random.nextInt());
    }
    if (random.nextInt(16) != 0) {
      bytes.putShort(EventLayout.EVENT_TYPE, (short) TYPES[random.nextInt(TYPES.length)]);
      bytes.putInt(EventLayout.EVENT_BYTES, size - random.nextInt(8) / 7);
    }
    if (random.nextBoolean()) {
      // Sizes within the record that are near to what they may be.
      bytes.putInt(EventLayout.EXEC_ARGV_SIZE, random.nextInt(512));
      bytes.putShort(EventLayout.EXEC_EXE_SIZE, (short) random.nextInt(800));
      bytes.putShort(EventLayout.EXEC_CWD_SIZE, (short) random.nextInt(800));
    }
    return size;
  }
}
