package dev.mayfly.bench;

import dev.mayfly.event.Event;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.EventSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What it takes the kernel's part of the monitor to arm one more sandbox, beside others that are
 * armed. The sandboxes are cgroups without processes.
 */
final class Arming {
  private static final int BESIDE = 100;
  private static final int OF_A_ROUND = 10;

  /** Of the milliseconds that arming may take. */
  private static final Target MORE = Target.atMost(1);

  private static final EventSource.Sink NOWHERE =
      new EventSource.Sink() {
        @Override
        public void event(Event event) {}

        @Override
        public void lost(String what, long count) {}
      };

  private Arming() {}

  static String rows(int rounds) throws IOException {
    List<OwnCgroup> cgroups = new ArrayList<>();
    try (BpfSource source = BpfSource.open(BpfSource.Settings.of(List.of(), Optional.empty()))) {
      Spread alone = armed(source, rounds);
      List<EventSource.Watching> others = new ArrayList<>();
      for (int i = 0; i < BESIDE; i++) {
        OwnCgroup cgroup = new OwnCgroup();
        cgroups.add(cgroup);
        others.add(arm(source, cgroup));
      }
      Spread beside = armed(source, rounds);
      for (EventSource.Watching other : others) {
        other.end();
      }
      double more = Spread.millis(beside.median().minus(alone.median()));
      return Table.row("… of which marking its cgroup, ms", shown(alone))
          + Table.row("… with %d others armed, ms".formatted(BESIDE), shown(beside))
          + Table.row(
              "… more than without, ms",
              MORE.judged(String.format(Locale.ROOT, "%.2f", more), more));
    } finally {
      for (OwnCgroup cgroup : cgroups) {
        cgroup.close();
      }
    }
  }

  private static String shown(Spread took) {
    return String.format(
        Locale.ROOT, "%.2f (%.2f)", Spread.millis(took.median()), Spread.millis(took.p90()));
  }

  private static Spread armed(BpfSource source, int rounds) throws IOException {
    List<Duration> took = new ArrayList<>();
    for (int i = 0; i < rounds * OF_A_ROUND; i++) {
      try (OwnCgroup cgroup = new OwnCgroup()) {
        long start = System.nanoTime();
        EventSource.Watching watching = arm(source, cgroup);
        took.add(Duration.ofNanos(System.nanoTime() - start));
        watching.end();
      }
    }
    return Spread.of(took);
  }

  private static EventSource.Watching arm(BpfSource source, OwnCgroup cgroup) throws IOException {
    EventSource.Watching watching =
        source.watch(new EventSource.Target(cgroup.path(), true), NOWHERE);
    watching.started(ProcessHandle.current().pid());
    return watching;
  }
}
