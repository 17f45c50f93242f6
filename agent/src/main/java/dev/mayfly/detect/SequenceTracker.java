package dev.mayfly.detect;

import dev.mayfly.event.Observation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Of a rule for events in an order. For each step it is kept by which events it was reached at
 * last: those began the latest, so that if they are too old, all are. Every event that holds of the
 * last step is a match, without a new beginning.
 */
final class SequenceTracker implements Tracker {
  private final Timing.Sequence timing;
  private final List<Condition> steps;
  private final LinkedHashMap<Object, @Nullable Reached[]> byKey =
      new LinkedHashMap<>(16, 0.75f, true);
  private long forgotten;

  /**
   * @param last condition of the event that completes it
   */
  SequenceTracker(Timing.Sequence timing, Condition last) {
    this.timing = timing;
    this.steps = new ArrayList<>(timing.before());
    steps.add(last);
  }

  /** The events up to some step. */
  private record Reached(long began, List<Observation> seen) {
    Reached with(Observation next) {
      List<Observation> all = new ArrayList<>(seen);
      all.add(Evidence.of(next));
      return new Reached(began, List.copyOf(all));
    }
  }

  @Override
  public Optional<List<Observation>> observe(Scene scene) {
    Object key = Tracker.common(timing.by(), scene).orElse(null);
    if (key == null) {
      return Optional.empty();
    }
    @Nullable Reached[] so = byKey.get(key);
    Optional<Reached> complete = Optional.empty();
    // From the last, so that one event does not take two steps.
    for (int step = steps.size() - 1; step >= 0; step--) {
      Condition condition = steps.get(step);
      if ((step == 0 || (so != null && so[step - 1] != null))
          && condition.kinds().contains(scene.kind())
          && condition.holds(scene)) {
        Optional<Reached> reached = reach(step, key, so, scene);
        if (step == steps.size() - 1) {
          complete = reached;
        }
      }
    }
    return complete.map(Reached::seen);
  }

  private Optional<Reached> reach(
      int step, Object key, @Nullable Reached @Nullable [] known, Scene scene) {
    long now = scene.event().stamp().time();
    @Nullable Reached[] so = known;
    Reached reached = null;
    if (step == 0) {
      reached = new Reached(now, List.of(Evidence.of(scene.observation())));
    } else if (so != null) {
      Reached before = so[step - 1];
      if (before != null && now - before.began() <= timing.within().toNanos()) {
        reached = before.with(scene.observation());
      }
    }
    if (reached != null && step < steps.size() - 1) {
      if (so == null) {
        so = new Reached[steps.size() - 1];
        byKey.put(key, so);
        forgetOldest(now);
      }
      so[step] = reached;
    }
    return Optional.ofNullable(reached);
  }

  private void forgetOldest(long now) {
    if (byKey.size() <= MOST_KEYS) {
      return;
    }
    @Nullable Reached[] oldest = byKey.pollFirstEntry().getValue();
    for (Reached reached : oldest) {
      if (reached != null && now - reached.began() <= timing.within().toNanos()) {
        forgotten++;
        return;
      }
    }
  }

  @Override
  public Set<EventKind> kinds() {
    Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
    steps.forEach(step -> kinds.addAll(step.kinds()));
    return kinds;
  }

  @Override
  public long forgotten() {
    return forgotten;
  }
}
