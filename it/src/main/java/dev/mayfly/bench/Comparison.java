package dev.mayfly.bench;

import java.util.List;
import java.util.Locale;

/**
 * Ways to do the same thing, of which the first is what the others are measured against and the
 * last is Mayfly's.
 *
 * @param target how many times the first's total the last's may be
 */
record Comparison(String title, List<Series> ways, Target target) {
  Comparison {
    ways = List.copyOf(ways);
  }

  /** The table for a person, in Markdown. */
  String table() {
    StringBuilder table = new StringBuilder();
    table.append("**").append(title).append("**\n\n");
    table.append("| way | first byte | total | ratio of totals |\n| --- | ---: | ---: | ---: |\n");
    Spread baseline = ways.getFirst().total();
    for (Series way : ways) {
      double ratio = way.total().over(baseline);
      String shown = String.format(Locale.ROOT, "%.2f", ratio);
      String verdict = way == ways.getLast() ? target.judged(shown, ratio) : shown;
      table.append(
          "| %s | %s | %s | %s |\n".formatted(way.name(), way.firstByte(), way.total(), verdict));
    }
    return table.toString();
  }
}
