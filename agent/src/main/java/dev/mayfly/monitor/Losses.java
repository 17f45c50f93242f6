package dev.mayfly.monitor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Why not all that a sandbox did is known. Safe for use by many threads. */
final class Losses {
  private static final int MOST = 32;

  private final Map<String, Long> counts = new LinkedHashMap<>();

  /**
   * @param count how many were lost; 0 where that is not known
   */
  synchronized void add(String what, long count) {
    String key = counts.containsKey(what) || counts.size() < MOST ? what : "for other reasons";
    counts.merge(key, count, Long::sum);
  }

  /** Each with its count, for a person. */
  synchronized List<String> told() {
    List<String> told = new ArrayList<>();
    counts.forEach((what, count) -> told.add(count == 0 ? what : what + " (" + count + ")"));
    return List.copyOf(told);
  }
}
