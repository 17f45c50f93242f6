package dev.mayfly.monitor;

import java.util.Arrays;

/**
 * Which numbers of a sandbox's events came. Those of two CPUs may come swapped, so a number is held
 * to be missing only once many later ones came. For one thread.
 */
final class BpfSourceNumbers {
  private static final int WINDOW = 1 << 15;
  private static final long MOST_AHEAD = 1L << 40;

  /** A bit for each number of the window, which begins at {@link #floor}. */
  private final long[] came = new long[WINDOW / Long.SIZE];

  private long floor;
  private long missing;
  private long strange;

  /** One came. The first is 0. */
  void came(long number) {
    if (number < 0 || number - floor > MOST_AHEAD) {
      strange++;
      return;
    }
    if (number < floor) {
      missing--; // It is late.
      return;
    }
    if (number >= floor + WINDOW) {
      settle(number - WINDOW + Long.SIZE & -Long.SIZE);
    }
    int word = (int) (number / Long.SIZE) & came.length - 1;
    long bit = 1L << number;
    if ((came[word] & bit) != 0) {
      strange++;
    }
    came[word] |= bit;
  }

  /** Counts what is missing below, a multiple of 64, and begins the window there. */
  private void settle(long newFloor) {
    if (newFloor - floor >= WINDOW) {
      missing += newFloor - floor - count();
      Arrays.fill(came, 0);
      floor = newFloor;
      return;
    }
    for (; floor < newFloor; floor += Long.SIZE) {
      int word = (int) (floor / Long.SIZE) & came.length - 1;
      missing += Long.SIZE - Long.bitCount(came[word]);
      came[word] = 0;
    }
  }

  private long count() {
    long many = 0;
    for (long word : came) {
      many += Long.bitCount(word);
    }
    return many;
  }

  /**
   * How many did not come.
   *
   * @param total how many numbers were given, all of them below it
   */
  long missing(long total) {
    return missing + Math.max(0, total - floor) - count();
  }

  /** How many came that can't be: twice, or far from all others. */
  long strange() {
    return strange;
  }
}
