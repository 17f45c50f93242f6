package dev.mayfly.detect;

import dev.mayfly.event.Observation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Of a rule for several events in some time. After a match it begins anew. Those of one key are
 * kept by what tells them apart, with their times: the value of the field that must differ, or a
 * number of their own.
 */
final class CountTracker implements Tracker {
  /** Events of all keys together. */
  private static final int MOST_EVENTS = 16_384;

  /** Of a longer value its digest is kept. */
  private static final int LONGEST_VALUE = 64;

  private final Condition condition;
  private final Timing.Count timing;
  private final Optional<Field> distinct;
  private final LinkedHashMap<Object, LinkedHashMap<Object, Long>> byKey =
      new LinkedHashMap<>(16, 0.75f, true);
  private int events;
  private long number;
  private long forgotten;

  CountTracker(Condition condition, Timing.Count timing) {
    this.condition = condition;
    this.timing = timing;
    this.distinct = timing.distinct().flatMap(Fields::named);
  }

  @Override
  public Optional<List<Observation>> observe(Scene scene) {
    if (!condition.holds(scene)) {
      return Optional.empty();
    }
    Optional<?> key = Tracker.common(timing.by(), scene);
    Optional<?> value = apart(scene);
    if (key.isEmpty() || value.isEmpty()) {
      return Optional.empty();
    }
    long now = scene.event().stamp().time();
    LinkedHashMap<Object, Long> times =
        byKey.computeIfAbsent(key.get(), _ -> new LinkedHashMap<>());
    events -= times.size();
    // Taken out first, so that they stay in the order of their times.
    times.remove(value.get());
    times.put(value.get(), now);
    while (isOver(times.firstEntry().getValue(), now)) {
      times.pollFirstEntry();
    }
    events += times.size();
    if (times.size() >= timing.least()) {
      events -= times.size();
      byKey.remove(key.get());
      return Optional.of(List.of(Evidence.of(scene.observation())));
    }
    while (byKey.size() > MOST_KEYS || events > MOST_EVENTS) {
      forgetOldest(now);
    }
    return Optional.empty();
  }

  private boolean isOver(long time, long now) {
    return now - time > timing.within().toNanos();
  }

  private Optional<?> apart(Scene scene) {
    return distinct.isEmpty()
        ? Optional.of(number++)
        : Template.value(distinct.get(), scene, scene.actor())
            .map(text -> text.length() <= LONGEST_VALUE ? text : digest(text));
  }

  private void forgetOldest(long now) {
    LinkedHashMap<Object, Long> oldest = byKey.pollFirstEntry().getValue();
    events -= oldest.size();
    if (!isOver(oldest.lastEntry().getValue(), now)) {
      forgotten++;
    }
  }

  private static String digest(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public Set<EventKind> kinds() {
    return condition.kinds();
  }

  @Override
  public long forgotten() {
    return forgotten;
  }
}
