package dev.mayfly.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What several rounds measured of one thing, such as connections in a second. */
final class Readings {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  double median() {
    List<Double> sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  /**
   * For a table: the median, and the range in brackets.
   *
   * @param format of one of them
   */
  String shown(String format) {
    return String.format(
        Locale.ROOT, format + " (" + format + "–" + format + ")", median(), least(), most());
  }

  double least() {
    return Collections.min(values);
  }

  double most() {
    return Collections.max(values);
  }
}
