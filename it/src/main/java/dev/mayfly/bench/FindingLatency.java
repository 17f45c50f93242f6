package dev.mayfly.bench;

import dev.mayfly.engine.EngineException;
import dev.mayfly.linux.KernelClock;
import dev.mayfly.policy.MonitorMode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long it takes from a system call in a sandbox until the finding about it is in the job's log.
 * The probe names a file after the time just before it opens it; sandbox and host have one clock.
 */
final class FindingLatency {
  private static final int JOBS = 3;

  /** A job's log has a hundred lines of findings at most, and of one rule as many. */
  private static final int OF_A_JOB = 90;

  private static final Jobs.Work PROBE =
      Jobs.Work.of(
          "latency of findings",
          """
          mkdir -p /etc/cron.d
          python3 -c '
          import os, random, time
          for i in range(%d):
              time.sleep(random.uniform(0.010, 0.030))
              os.close(os.open(f"/etc/cron.d/t{time.clock_gettime_ns(time.CLOCK_BOOTTIME)}", os.O_CREAT | os.O_WRONLY))'"""
              .formatted(OF_A_JOB));

  private static final Pattern FOUND =
      Pattern.compile("finding persistence\\.cron .*/etc/cron\\.d/t(\\d+), .*");

  private FindingLatency() {}

  static String rows(Jobs jobs) throws EngineException, IOException {
    List<Duration> latencies = Collections.synchronizedList(new ArrayList<>());
    for (int job = 0; job < JOBS; job++) {
      jobs.run(PROBE, MonitorMode.REQUIRED, line -> note(line, latencies));
    }
    if (latencies.size() != JOBS * OF_A_JOB) {
      throw new IOException(
          "of %d probes %d were found".formatted(JOBS * OF_A_JOB, latencies.size()));
    }
    List<Duration> sorted = latencies.stream().sorted().toList();
    return Table.row(
            "from a call to its finding in the job's log, p50 of %d, ms".formatted(sorted.size()),
            shown(sorted, 0.5))
        + Table.row("from a call to its finding in the job's log, p99, ms", shown(sorted, 0.99));
  }

  private static void note(String line, List<Duration> latencies) {
    long now = KernelClock.boottime();
    Matcher found = FOUND.matcher(line);
    if (found.matches()) {
      latencies.add(Duration.ofNanos(now - Long.parseLong(found.group(1))));
    }
  }

  private static String shown(List<Duration> sorted, double part) {
    Duration one = sorted.get((int) Math.ceil(sorted.size() * part) - 1);
    return String.format(Locale.ROOT, "%.1f", Spread.millis(one));
  }
}
