package dev.mayfly.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The kernel's clocks that events are told by (clock_gettime(2)), in nanoseconds. */
public final class KernelClock {
  private static final long SECOND = 1_000_000_000L;
  private static final int CLOCK_MONOTONIC = 1;

  private KernelClock() {}

  /** Since the host started, with the time that it was suspended. */
  public static long boottime() {
    return read(WatchCalls.CLOCK_BOOTTIME);
  }

  /**
   * How much {@link #boottime} is ahead of CLOCK_MONOTONIC: for how long the host was suspended.
   */
  public static long suspended() {
    long monotonic = read(CLOCK_MONOTONIC);
    long ahead = boottime() - monotonic;
    return ahead < SECOND / 1000 ? 0 : ahead;
  }

  private static long read(int clock) {
    ByteBuffer time = ByteBuffer.allocateDirect(2 * Long.BYTES).order(ByteOrder.nativeOrder());
    WatchCalls.clock_gettime(clock, time);
    return time.getLong(0) * SECOND + time.getLong(Long.BYTES);
  }
}
