package dev.mayfly.policy;

import java.util.Random;
import java.util.stream.LongStream;

/** Numbers to try a property with: the ends of a range, and of every magnitude between them. */
final class Samples {
  private static final int COUNT = 2000;
  private static final long SEED = 9;

  private Samples() {}

  /** The same ones at each call; both ends are among them. */
  static LongStream between(long least, long most) {
    Random random = new Random(SEED);
    LongStream drawn =
        LongStream.generate(() -> random.nextLong() >>> random.nextInt(1, 64))
            .limit(COUNT)
            .map(n -> least + n % (most - least));
    return LongStream.concat(LongStream.of(least, least + 1, most - 1, most), drawn);
  }
}
