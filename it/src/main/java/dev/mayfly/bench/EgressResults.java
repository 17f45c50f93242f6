package dev.mayfly.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the ways out of a container are good for, for a person, in Markdown.
 *
 * @param ways the first is what the others are measured against
 * @param rates by what was measured; bytes or connections in a second
 * @param processor cores that the supervisor had busy during {@code stream}
 * @param targets what the ratio to the first way is to be, by what was measured
 */
record EgressResults(
    List<LoadWay> ways,
    Map<String, Map<LoadWay, Readings>> rates,
    Map<LoadWay, Readings> processor,
    Map<LoadWay, Map<String, Target>> targets) {
  static final String STREAM = "stream";
  static final String CONNECT = "connect";
  static final List<String> MEASURED = List.of(STREAM, CONNECT, "exchange");

  private static final double MEBIBYTE = 1 << 20;
  private static final double GIBIBYTE = 1 << 30;

  EgressResults {
    ways = List.copyOf(ways);
    targets = Map.copyOf(targets);
  }

  String text(int rounds, double seconds) {
    return """
        **The way out**: medians of %d interleaved rounds of %.1f s each, lowest and highest in brackets.

        | way | MiB/s | of plain | the supervisor's cores, its ms for a GiB | connections/s | of plain | with one exchange | of plain |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        %s"""
        .formatted(rounds, seconds, String.join("", ways.stream().map(this::row).toList()));
  }

  private String row(LoadWay way) {
    StringBuilder row = new StringBuilder("| ").append(way.name());
    for (String what : MEASURED) {
      double unit = what.equals(STREAM) ? MEBIBYTE : 1;
      Readings found = of(what, way);
      if (found.isEmpty()) {
        row.append(" | – | –");
        continue;
      }
      row.append(
          String.format(
              Locale.ROOT,
              " | %.0f (%.0f–%.0f) | %s",
              found.median() / unit,
              found.least() / unit,
              found.most() / unit,
              ratio(what, way)));
      if (what.equals(STREAM)) {
        row.append(" | ").append(way == ways.getFirst() ? "–" : processor(way));
      }
    }
    return row.append(" |\n").toString();
  }

  private String ratio(String what, LoadWay way) {
    double ratio = of(what, way).median() / of(what, ways.getFirst()).median();
    String shown = String.format(Locale.ROOT, "%.3f", ratio);
    Target target = targets.getOrDefault(way, Map.of()).get(what);
    return target == null ? shown : target.judged(shown, ratio);
  }

  private String processor(LoadWay way) {
    double cores = processor.getOrDefault(way, new Readings()).median();
    return String.format(
        Locale.ROOT, "%.2f, %.0f", cores, cores * 1000 * GIBIBYTE / of(STREAM, way).median());
  }

  private Readings of(String what, LoadWay way) {
    return rates.getOrDefault(what, Map.of()).getOrDefault(way, new Readings());
  }
}
