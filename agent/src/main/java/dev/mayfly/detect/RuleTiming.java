package dev.mayfly.detect;

import dev.mayfly.yaml.Keys;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The keys of a rule that say when it matches, as far as they could be read. */
record RuleTiming(
    Keys keys,
    Optional<Condition> when,
    Optional<List<Condition>> sequence,
    Optional<Integer> count,
    Optional<Duration> within,
    Optional<String> distinct,
    Optional<Timing.By> by) {
  private static final int MOST_STEPS = 8;
  private static final Duration NO_TIME = Duration.ofSeconds(1);

  /** Nobody sees it: it lets the reader go on where there is none. */
  private static final Condition STAND_IN =
      Condition.parse("event = exec", Map.of(), (_, _) -> {}).orElseThrow();

  /** Complains about keys that do not fit each other. */
  void check() {
    if (keys.has("when") == keys.has("sequence")) {
      keys.complain(
          "sequence",
          keys.has("when")
              ? "a rule has \"when\" or \"sequence\", not both: delete one of them"
              : "key \"when\" is missing: add when: …, or sequence: …");
      return;
    }
    boolean several = keys.has("sequence") || keys.has("count");
    if (several && !keys.has("within")) {
      keys.complain("within", "key \"within\" is missing: add within: 10s, or another time");
    }
    if (!several) {
      for (String name : List.of("within", "by", "distinct")) {
        if (keys.has(name)) {
          keys.complain(name, name + " is about several events: add count: …, or delete " + name);
        }
      }
    }
    if (keys.has("sequence")) {
      checkSequence();
    }
    distinct.flatMap(Fields::named).ifPresent(field -> requireHeld(List.of(field), "distinct"));
    if (by.filter(one -> one != Timing.By.SANDBOX).isPresent()
        && conditions().stream().anyMatch(one -> one.kinds().equals(Set.of(EventKind.DNS)))) {
      keys.complain(
          "by", "of dns events the process is not known: delete by, or write by: sandbox");
    }
  }

  private void checkSequence() {
    for (String name : List.of("count", "distinct")) {
      if (keys.has(name)) {
        keys.complain(name, name + " is not for a sequence: delete it, or write when: …");
      }
    }
    sequence
        .filter(steps -> steps.size() < 2 || steps.size() > MOST_STEPS)
        .ifPresent(
            steps ->
                keys.complain(
                    "sequence",
                    "a sequence has 2 to " + MOST_STEPS + " conditions, not " + steps.size()));
  }

  /** Complains about fields that the events, of which the last condition holds, never have. */
  void requireHeld(List<Field> fields, String key) {
    if (conditions().isEmpty()) {
      return;
    }
    for (Field field : fields) {
      if (Collections.disjoint(field.about().kinds(), condition().kinds())) {
        keys.complain(
            key,
            "no event that the condition can hold of has "
                + field.name()
                + ": name a field that it has");
      }
    }
  }

  private List<Condition> conditions() {
    return when.map(List::of).or(() -> sequence).orElse(List.of());
  }

  Condition condition() {
    return conditions().isEmpty() ? STAND_IN : conditions().getLast();
  }

  Timing timing() {
    Timing.By common = by.orElse(Timing.By.SANDBOX);
    Duration time = within.orElse(NO_TIME);
    return sequence
        .filter(steps -> !steps.isEmpty())
        .<Timing>map(steps -> new Timing.Sequence(steps.subList(0, steps.size() - 1), time, common))
        .or(() -> count.map(least -> new Timing.Count(least, time, distinct, common)))
        .orElse(Timing.ONCE);
  }
}
