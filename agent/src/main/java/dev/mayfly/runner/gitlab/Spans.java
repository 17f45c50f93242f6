package dev.mayfly.runner.gitlab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Stretches of a script. */
final class Spans {
  private final List<Span> all = new ArrayList<>();

  /**
   * A stretch.
   *
   * @param end after its last byte
   */
  private record Span(int start, int end) {}

  /** Adds a stretch of a layer, as far as it has any bytes. */
  void add(ScriptLayer layer, int from, int to) {
    int start = layer.at()[from];
    int end = layer.at()[to];
    if (start < end) {
      all.add(new Span(start, end));
    }
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether a stretch of a layer is wholly within one of these. */
  boolean hold(ScriptLayer layer, int from, int to) {
    int start = layer.at()[from];
    int end = layer.at()[to];
    return all.stream().anyMatch(span -> span.start <= start && end <= span.end);
  }

  /** The script without them. */
  String cutFrom(String script) {
    all.sort(Comparator.comparingInt(Span::start));
    StringBuilder rest = new StringBuilder(script.length());
    int done = 0;
    for (Span span : all) {
      if (span.start > done) {
        rest.append(script, done, span.start);
      }
      done = Math.max(done, span.end);
    }
    return rest.append(script, done, script.length()).toString();
  }
}
