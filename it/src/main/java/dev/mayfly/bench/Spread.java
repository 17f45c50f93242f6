package dev.mayfly.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Several durations in two numbers.
 *
 * @param p90 nine of ten were at most this
 */
record Spread(Duration median, Duration p90) {
  private static final double NANOS_OF_MILLI = 1_000_000;

  static Spread of(List<Duration> durations) {
    List<Duration> sorted = durations.stream().sorted().toList();
    int count = sorted.size();
    Duration median = sorted.get((count - 1) / 2).plus(sorted.get(count / 2)).dividedBy(2);
    return new Spread(median, sorted.get((int) Math.ceil(count * 0.9) - 1));
  }

  static double millis(Duration duration) {
    return duration.toNanos() / NANOS_OF_MILLI;
  }

  double over(Spread other) {
    return (double) median.toNanos() / other.median().toNanos();
  }

  /** In milliseconds, for a table. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.1f (%.1f)", millis(median), millis(p90));
  }
}
