package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.engine.EngineException;
import dev.mayfly.policy.MonitorMode;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/** What a supervisor uses of the processors while nothing happens. */
final class IdleCost {
  private static final int SECONDS = 10;

  private static final Jobs.Work NOTHING = Jobs.Work.of("nothing", "sleep " + SECONDS);

  /** Of one processor. */
  private static final Target PERCENT = Target.atMost(1);

  private IdleCost() {}

  static String rows(Jobs jobs) throws EngineException, IOException {
    return row("no sandbox", withoutSandbox(jobs))
        + row("an idle sandbox, off", jobs.run(NOTHING, MonitorMode.OFF).between().processor())
        + row(
            "an idle sandbox, watched",
            jobs.run(NOTHING, MonitorMode.REQUIRED).between().processor());
  }

  private static Duration withoutSandbox(Jobs jobs) throws EngineException, IOException {
    try (Host _ = jobs.open(MonitorMode.REQUIRED)) {
      // The source is opened beside what else is done, and has to be open by then.
      wait(1);
      Duration before = Machine.processorTime();
      wait(SECONDS);
      return Machine.processorTime().minus(before);
    }
  }

  private static void wait(int seconds) throws IOException {
    new ProcessBuilder("sleep", Integer.toString(seconds)).start().onExit().join();
  }

  private static String row(String what, Duration used) {
    double percent = Spread.millis(used) / (SECONDS * 1000) * 100;
    return Table.row(
        "supervisor's CPU in %d s with %s, ms".formatted(SECONDS, what),
        "%s, of one core %s"
            .formatted(
                used.toMillis(),
                PERCENT.judged(String.format(Locale.ROOT, "%.1f %%", percent), percent)));
  }
}
