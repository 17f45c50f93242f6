package dev.mayfly.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** One of several ways to do the same thing, and what each of its runs took. */
final class Series {
  private final String name;
  private final Probe probe;
  private final List<Sample> samples = new ArrayList<>();

  Series(String name, Probe probe) {
    this.name = name;
    this.probe = probe;
  }

  String name() {
    return name;
  }

  Probe probe() {
    return probe;
  }

  void add(Sample sample) {
    samples.add(sample);
  }

  Spread firstByte() {
    return spread(Sample::firstByte);
  }

  Spread total() {
    return spread(Sample::total);
  }

  private Spread spread(Function<Sample, Duration> field) {
    return Spread.of(samples.stream().map(field).toList());
  }
}
