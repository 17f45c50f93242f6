package dev.mayfly.bench;

import dev.mayfly.job.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All that was measured, for a person, in Markdown. */
record Results(
    int rounds,
    String machine,
    Comparison fresh,
    Comparison further,
    List<Series> starts,
    List<List<Span>> timelines) {
  Results {
    starts = List.copyOf(starts);
    timelines = List.copyOf(timelines);
  }

  String text(long residentTargetMiB) throws IOException {
    long resident = Machine.peakResidentMiB();
    return "%s%nMedians of %d interleaved rounds in milliseconds, 90th percentiles in brackets.%n%n%s%n%s%n%s%n%s%n%s"
        .formatted(
            machine,
            rounds,
            fresh.table(),
            further.table(),
            startTable(),
            spanTable(),
            "**Peak resident memory of the supervisor**: %d MiB (target ≤ %d: %s), the benchmark itself included.%n"
                .formatted(
                    resident, residentTargetMiB, resident <= residentTargetMiB ? "met" : "missed"));
  }

  private String startTable() {
    StringBuilder table = new StringBuilder();
    Spread cold = fresh.ways().getLast().total();
    table.append("**The launcher's own start**, as one process for one command\n\n");
    table.append("| command | first byte | total | beside a running supervisor |\n");
    table.append("| --- | ---: | ---: | ---: |\n");
    for (Series start : starts) {
      boolean job = start.name().contains("exec");
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s |%n",
              start.name(),
              start.firstByte(),
              start.total(),
              job
                  ? String.format(
                      Locale.ROOT,
                      "+%.1f",
                      Spread.millis(start.total().median().minus(cold.median())))
                  : ""));
    }
    return table.toString();
  }

  private String spanTable() {
    Map<String, List<Duration>> spans = new LinkedHashMap<>();
    for (List<Span> timeline : timelines) {
      for (Span span : timeline) {
        spans.computeIfAbsent(span.name(), _ -> new ArrayList<>()).add(span.duration());
      }
    }
    StringBuilder table = new StringBuilder();
    table.append("**Where a cold sandbox's time goes**, as its report tells\n\n");
    table.append("| span | took |\n| --- | ---: |\n");
    spans.forEach((name, took) -> table.append("| `%s` | %s |\n".formatted(name, Spread.of(took))));
    return table.toString();
  }
}
