package dev.mayfly.bench;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the ways out of a container are good for, for a person, in Markdown.
 *
 * @param ways the first is what the others are measured against
 * @param rates by what was measured; bytes or connections in a second
 * @param processor cores that the supervisor had busy during {@code stream}
 */
record EgressResults(
    List<LoadWay> ways,
    Map<String, Map<LoadWay, List<Double>>> rates,
    Map<LoadWay, List<Double>> processor) {
  static final List<String> MEASURED = List.of("stream", "connect", "exchange");

  private static final double MEBIBYTE = 1 << 20;

  EgressResults {
    ways = List.copyOf(ways);
  }

  String text(int rounds, double seconds) {
    return """
        Medians of %d interleaved rounds of %.1f s each, lowest and highest in brackets.

        | way | MiB/s | of plain | the supervisor's cores | connections/s | of plain | with one exchange | of plain |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        %s"""
        .formatted(rounds, seconds, String.join("", ways.stream().map(this::row).toList()));
  }

  private String row(LoadWay way) {
    StringBuilder row = new StringBuilder("| ").append(way.name());
    for (String what : MEASURED) {
      double unit = what.equals("stream") ? MEBIBYTE : 1;
      List<Double> found = of(what, way);
      if (found.isEmpty()) {
        row.append(" | – | –");
        continue;
      }
      row.append(
          String.format(
              Locale.ROOT,
              " | %.0f (%.0f–%.0f) | %.2f",
              median(found) / unit,
              Collections.min(found) / unit,
              Collections.max(found) / unit,
              median(found) / median(of(what, ways.getFirst()))));
      if (what.equals("stream")) {
        row.append(
            way == ways.getFirst()
                ? " | –"
                : String.format(
                    Locale.ROOT, " | %.2f", median(processor.getOrDefault(way, List.of()))));
      }
    }
    return row.append(" |\n").toString();
  }

  private List<Double> of(String what, LoadWay way) {
    return rates.getOrDefault(what, Map.of()).getOrDefault(way, List.of());
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }
}
