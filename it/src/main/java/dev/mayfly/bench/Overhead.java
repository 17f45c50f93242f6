package dev.mayfly.bench;

import dev.mayfly.engine.EngineException;
import dev.mayfly.policy.MonitorMode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * What jobs take that nobody watches, that Mayfly watches, and that Linux audit watches instead, in
 * turn.
 */
final class Overhead {
  private static final int WARM_UPS = 1;
  private static final double HUNDRED_THOUSAND = 100_000;

  private final Jobs jobs;
  private final Optional<Audit> audit;
  private final int rounds;
  private final Random random = new Random(1);
  private final Readings arming = new Readings();
  private final Readings selfTests = new Readings();

  /** Who watches. */
  private enum Watcher {
    NOBODY,
    MAYFLY,
    AUDIT
  }

  /** What rounds of one kind took, in milliseconds. */
  private record Taken(Readings time, Readings processor) {
    Taken() {
      this(new Readings(), new Readings());
    }
  }

  Overhead(Jobs jobs, Optional<Audit> audit, int rounds) {
    this.jobs = jobs;
    this.audit = audit;
    this.rounds = rounds;
  }

  /**
   * Measures one work.
   *
   * @param target of the watched time, as times the unwatched
   */
  Row measure(Jobs.Work work, Target target) throws EngineException, IOException {
    Map<Watcher, Taken> taken = new EnumMap<>(Watcher.class);
    Readings events = new Readings();
    List<Watcher> order = new ArrayList<>(List.of(Watcher.NOBODY, Watcher.MAYFLY));
    audit.ifPresent(_ -> order.add(Watcher.AUDIT));
    for (int round = -WARM_UPS; round < rounds; round++) {
      Collections.shuffle(order, random);
      for (Watcher watcher : order) {
        Taken its = round < 0 ? new Taken() : taken.computeIfAbsent(watcher, _ -> new Taken());
        Jobs.Ran ran = watcher == Watcher.AUDIT ? audited(work, its) : run(work, watcher, its);
        its.time().add(Spread.millis(ran.between().time()));
        if (watcher == Watcher.MAYFLY && round >= 0) {
          events.add((double) ran.events());
          arming.add(Spread.millis(ran.span("arm.monitor")));
          selfTests.add(Spread.millis(ran.span("self-test")));
        }
      }
      System.err.printf("%s: round %d of %d%n", work.name(), round + 1, rounds);
    }
    return new Row(work.name(), target, taken, events);
  }

  private Jobs.Ran run(Jobs.Work work, Watcher watcher, Taken its)
      throws EngineException, IOException {
    Jobs.Ran ran =
        jobs.run(work, watcher == Watcher.MAYFLY ? MonitorMode.REQUIRED : MonitorMode.OFF);
    its.processor().add(Spread.millis(ran.between().processor()));
    return ran;
  }

  private Jobs.Ran audited(Jobs.Work work, Taken its) throws EngineException, IOException {
    Audit linux = audit.orElseThrow();
    linux.start();
    try {
      Duration before = linux.processorTime();
      Jobs.Ran ran = jobs.run(work, MonitorMode.OFF);
      its.processor().add(Spread.millis(linux.processorTime().minus(before)));
      return ran;
    } finally {
      linux.stop();
    }
  }

  /** What it took to arm sandboxes, in milliseconds. */
  Readings arming() {
    return arming;
  }

  Readings selfTests() {
    return selfTests;
  }

  /** What was measured of one work. */
  record Row(String name, Target target, Map<Watcher, Taken> taken, Readings events) {
    static final String HEAD =
        """
        | work | off, ms | watched, ms | of off | events | supervisor's CPU, ms | auditd, ms | of off | auditd's CPU, ms |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        """;

    /** For the table. */
    String text() {
      double ratio = ratio(Watcher.MAYFLY);
      boolean audited = taken.containsKey(Watcher.AUDIT);
      return Table.row(
          name,
          time(Watcher.NOBODY),
          time(Watcher.MAYFLY),
          target.judged(String.format(Locale.ROOT, "%.3f", ratio), ratio),
          String.format(Locale.ROOT, "%,.0f", events.median()),
          String.format(Locale.ROOT, "%.0f", supervisorMillis()),
          audited ? time(Watcher.AUDIT) : "–",
          audited ? String.format(Locale.ROOT, "%.3f", ratio(Watcher.AUDIT)) : "–",
          audited ? of(Watcher.AUDIT).processor().shown("%.0f") : "–");
    }

    private Taken of(Watcher watcher) {
      return taken.getOrDefault(watcher, new Taken());
    }

    private String time(Watcher watcher) {
      return of(watcher).time().shown("%.0f");
    }

    private double ratio(Watcher watcher) {
      return of(watcher).time().median() / of(Watcher.NOBODY).time().median();
    }

    /** More than it uses for the same job unwatched. */
    private double supervisorMillis() {
      return of(Watcher.MAYFLY).processor().median() - of(Watcher.NOBODY).processor().median();
    }

    double supervisorMillisForHundredThousand() {
      return supervisorMillis() / events.median() * HUNDRED_THOUSAND;
    }
  }
}
