package dev.mayfly.detect;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The matches of one sandbox, those that are alike counted as one. How many different ones there
 * can be is bounded; each rule has some for itself, so that a flood of one hides no other.
 */
final class Told {
  private static final int MOST = 1000;
  private static final int MOST_OF_A_RULE = 100;
  private static final int OWN_OF_A_RULE = 10;

  private final Map<Kind, Seen> seen = new LinkedHashMap<>();
  private final Map<String, Integer> different = new HashMap<>();
  private final Map<String, Long> untold = new LinkedHashMap<>();

  /** What two matches have in common that are told as one. */
  private record Kind(String rule, String target, String program) {}

  private static final class Seen {
    final Match first;
    long count = 1;

    Seen(Match first) {
      this.first = first;
    }
  }

  /** The match, if it is to be told: the first of its kind, and not one too many. */
  Optional<Match> add(Match match) {
    Kind kind = new Kind(match.rule().id(), match.target(), match.last().actor().program());
    Seen before = seen.get(kind);
    if (before != null) {
      before.count++;
      return Optional.empty();
    }
    int ofRule = different.getOrDefault(match.rule().id(), 0);
    if (ofRule >= (seen.size() < MOST ? MOST_OF_A_RULE : OWN_OF_A_RULE)) {
      untold.merge(match.rule().id(), 1L, Long::sum);
      return Optional.empty();
    }
    different.put(match.rule().id(), ofRule + 1);
    seen.put(kind, new Seen(match));
    return Optional.of(match);
  }

  List<Match> all() {
    return seen.values().stream().map(one -> one.first.withCount(one.count)).toList();
  }

  Map<String, Long> untold() {
    return Map.copyOf(untold);
  }
}
