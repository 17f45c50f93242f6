package dev.mayfly.detect;

import dev.mayfly.event.Observation;
import java.util.List;

/**
 * A rule that matched.
 *
 * @param observations what made it match, the last one last; of a rule that counts, that alone.
 *     Very long arguments and lines of ancestors are cut
 * @param count how often it was seen of this target and program
 * @param target what it was done to; as a job wrote it, so escape it before it is shown
 */
public record Match(Rule rule, List<Observation> observations, long count, String target) {
  public Match {
    observations = List.copyOf(observations);
    if (observations.isEmpty()) {
      throw new IllegalArgumentException("a match of nothing");
    }
  }

  /** The event that made it match, and who did it. */
  public Observation last() {
    return observations.getLast();
  }

  Match withCount(long seen) {
    return new Match(rule, observations, seen, target);
  }
}
