package dev.mayfly.detect;

import dev.mayfly.event.Observation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for what rules describe in one sandbox. What it remembers is bounded, whatever happens
 * there, and what it could not remember is counted. For one thread at a time.
 */
public final class Detector {
  private final Map<EventKind, List<Followed>> byKind = new EnumMap<>(EventKind.class);
  private final List<Followed> followed;
  private final Told told = new Told();

  public Detector(DetectionRules rules) {
    this.followed =
        rules.rules().stream().map(rule -> new Followed(rule, Tracker.of(rule))).toList();
    for (EventKind kind : EventKind.values()) {
      byKind.put(
          kind, followed.stream().filter(one -> one.tracker().kinds().contains(kind)).toList());
    }
  }

  private record Followed(Rule rule, Tracker tracker) {}

  /**
   * Looks at what happened. Time is what the events say, never the clock.
   *
   * @return the rules that match now and are to be told: those that matched before of the same
   *     target and program are only counted
   */
  public List<Match> observe(Observation observation) {
    List<Followed> concerned = byKind.getOrDefault(EventKind.of(observation.event()), List.of());
    if (concerned.isEmpty()) {
      return List.of();
    }
    Scene scene = new Scene(observation);
    List<Match> matches = List.of();
    for (Followed one : concerned) {
      Optional<List<Observation>> seen = one.tracker().observe(scene);
      if (seen.isPresent()) {
        Match match = new Match(one.rule(), seen.get(), 1, Targets.of(one.rule(), scene));
        Optional<Match> fresh = told.add(match);
        if (fresh.isPresent()) {
          matches = matches.isEmpty() ? new ArrayList<>() : matches;
          matches.add(fresh.get());
        }
      }
    }
    return matches;
  }

  /** All that was told, in this order, with how often it was seen up to now. */
  public List<Match> matches() {
    return told.all();
  }

  /**
   * Matches that were not told, because their rules matched too many different targets; by the ids
   * of the rules.
   */
  public Map<String, Long> untold() {
    return told.untold();
  }

  /** How often something that might have come to match was given up for lack of room. */
  public long forgotten() {
    return followed.stream().mapToLong(one -> one.tracker().forgotten()).sum();
  }
}
