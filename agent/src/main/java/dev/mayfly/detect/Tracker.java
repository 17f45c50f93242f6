package dev.mayfly.detect;

import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import dev.mayfly.event.ProcessKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Follows one rule through what happens in one sandbox. */
sealed interface Tracker permits Tracker.Single, CountTracker, SequenceTracker {
  /** So many processes or the like are followed by one rule. */
  int MOST_KEYS = 1024;

  /**
   * Looks at what happened.
   *
   * @return what makes the rule match, this being the last of it; empty where it does not
   */
  Optional<List<Observation>> observe(Scene scene);

  /** Events of other kinds need not be shown to it. */
  Set<EventKind> kinds();

  /** How often something that might have come to match was given up for lack of room. */
  long forgotten();

  static Tracker of(Rule rule) {
    return switch (rule.timing()) {
      case Timing.Once _ -> new Single(rule.condition());
      case Timing.Count count -> new CountTracker(rule.condition(), count);
      case Timing.Sequence sequence -> new SequenceTracker(sequence, rule.condition());
    };
  }

  /** What an event has in common with those that belong to it; empty: it belongs to none. */
  static Optional<?> common(Timing.By by, Scene scene) {
    if (by == Timing.By.SANDBOX) {
      return Optional.of(by);
    }
    if (scene.event() instanceof Event.Asked) {
      return Optional.empty();
    }
    return Optional.of(
        switch (by) {
          case SANDBOX -> by;
          case PROCESS -> scene.actor().key();
          case PARENT ->
              scene
                  .actor()
                  .parent()
                  .map(parent -> parent.key())
                  .orElseGet(() -> new ProcessKey(scene.event().stamp().parent(), 0));
          case SESSION -> scene.actor().session();
        });
  }

  /** Of a rule that needs one event only. */
  record Single(Condition condition) implements Tracker {
    @Override
    public Optional<List<Observation>> observe(Scene scene) {
      return condition.holds(scene)
          ? Optional.of(List.of(Evidence.of(scene.observation())))
          : Optional.empty();
    }

    @Override
    public Set<EventKind> kinds() {
      return condition.kinds();
    }

    @Override
    public long forgotten() {
      return 0;
    }
  }
}
