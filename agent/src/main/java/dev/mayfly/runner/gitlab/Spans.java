package dev.mayfly.runner.gitlab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Stretches of a script. */
final class Spans {
  private final List<Span> all = new ArrayList<>();
  private boolean sorted = true;

  /**
   * A stretch.
   *
   * @param end after its last byte
   * @param reach where the furthest ends of those that begin no later, once they are sorted
   */
  private record Span(int start, int end, int reach) {}

  /** Adds a stretch of a layer, as far as it has any bytes; to the one before, if they overlap. */
  void add(ScriptLayer layer, int from, int to) {
    int start = layer.at()[from];
    int end = layer.at()[to];
    Span last = all.isEmpty() ? null : all.getLast();
    if (last != null && last.start <= start && start < last.end) {
      int joined = Math.max(end, last.end);
      all.set(all.size() - 1, new Span(last.start, joined, joined));
      sorted = false;
    } else if (start < end) {
      all.add(new Span(start, end, end));
      sorted = false;
    }
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether a stretch of a layer is wholly within one of these. */
  boolean hold(ScriptLayer layer, int from, int to) {
    sort();
    int start = layer.at()[from];
    int low = 0;
    int high = all.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (all.get(middle).start <= start) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low > 0 && all.get(low - 1).reach >= layer.at()[to];
  }

  private void sort() {
    if (sorted) {
      return;
    }
    all.sort(Comparator.comparingInt(Span::start));
    int reach = 0;
    for (int i = 0; i < all.size(); i++) {
      Span span = all.get(i);
      reach = Math.max(reach, span.end);
      all.set(i, new Span(span.start, span.end, reach));
    }
    sorted = true;
  }

  /** The script without them. */
  String cutFrom(String script) {
    sort();
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
