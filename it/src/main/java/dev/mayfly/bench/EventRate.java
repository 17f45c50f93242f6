package dev.mayfly.bench;

import dev.mayfly.detect.DetectionRules;
import dev.mayfly.detect.Detections;
import dev.mayfly.detect.Detector;
import dev.mayfly.event.Event;
import dev.mayfly.linux.KernelClock;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.Watch;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How many events a second the monitor takes of which none is lost: several processes in a watched
 * cgroup make system calls at a rate that is raised until the kernel or Mayfly has to drop some.
 */
final class EventRate {
  private static final Target RATE = Target.atLeast(1_000_000);
  private static final int PROCESSES = 2;
  private static final int SECONDS = 1;
  private static final String READER = "mayfly-events";

  /** Calls a second; the last is as many as the processes can. */
  private static final List<Integer> STEPS =
      List.of(
          50_000, 100_000, 150_000, 200_000, 350_000, 500_000, 600_000, 750_000, 900_000, 1_000_000,
          1_100_000, 1_250_000, 1_500_000, 2_000_000, 0);

  private final Path flood;
  private final DetectionRules rules;
  private final int rounds;

  /**
   * @param flood the program that makes the calls
   */
  EventRate(Path flood, int rounds) throws ConfigException {
    this.flood = flood;
    this.rules = Detections.load(Optional.empty());
    this.rounds = rounds;
  }

  /**
   * What one flood came to.
   *
   * @param seconds from its first call until its last one was taken
   * @param readerNanos processor time of the thread that reads the ring
   */
  private record Flood(long calls, double seconds, long readerNanos, boolean whole) {
    double rate() {
      return calls / seconds;
    }
  }

  /** Takes events. */
  private interface Receiver extends EventSource.Sink {
    /** Takes no more, once all is looked at. Whether that is all that there was. */
    boolean finish();
  }

  String rows() throws IOException {
    Readings told = new Readings();
    Readings reading = new Readings();
    Readings lookedAt = new Readings();
    try (BpfSource source = BpfSource.open(BpfSource.Settings.of(List.of(), Optional.empty()))) {
      for (int round = -1; round < rounds; round++) {
        Flood fastest = fastest(source, false, 350_000);
        Flood detected = fastest(source, true, STEPS.getFirst());
        if (round >= 0) {
          told.add(fastest.rate());
          reading.add((double) fastest.readerNanos() / fastest.calls());
          lookedAt.add(detected.rate());
        }
        System.err.printf(Locale.ROOT, "events: round %d of %d%n", round + 1, rounds);
      }
    }
    return Table.row(
            "events/s from the kernel through the ring, decoded, none lost",
            RATE.judged(told.shown("%,.0f"), told.median()))
        + Table.row("… the reader's CPU for one of them, ns", reading.shown("%.0f"))
        + Table.row(
            "events/s looked at by all %d rules, none lost".formatted(rules.rules().size()),
            lookedAt.shown("%,.0f"));
  }

  private Flood fastest(BpfSource source, boolean detect, int from) throws IOException {
    int first = STEPS.indexOf(from);
    Optional<Flood> best = Optional.empty();
    for (int rate : STEPS.subList(first, STEPS.size())) {
      Flood flood = flood(source, detect, rate);
      if (!flood.whole()) {
        break;
      }
      if (best.isEmpty() || flood.rate() > best.get().rate()) {
        best = Optional.of(flood);
      }
    }
    return best.isPresent() ? best.get() : fastestBelow(source, detect, first);
  }

  private Flood fastestBelow(BpfSource source, boolean detect, int step) throws IOException {
    for (int rate : STEPS.subList(0, step).reversed()) {
      Flood flood = flood(source, detect, rate);
      if (flood.whole()) {
        return flood;
      }
    }
    throw new IOException("events are lost at any rate, even at " + STEPS.getFirst() + " a second");
  }

  private Flood flood(BpfSource source, boolean detect, int rate) throws IOException {
    return flood(source, detect ? new Looking(rules, source) : new Counting(), rate);
  }

  private Flood flood(BpfSource source, Receiver receiver, int rate) throws IOException {
    Calls calls = new Calls(receiver);
    long before = readerNanos();
    try (OwnCgroup cgroup = new OwnCgroup()) {
      EventSource.Watching watching =
          source.watch(new EventSource.Target(cgroup.path(), Set.of()), calls);
      List<Process> processes = new ArrayList<>();
      for (int i = 0; i < PROCESSES; i++) {
        processes.add(cgroup.start(List.of(flood.toString(), "" + rate / PROCESSES, "" + SECONDS)));
      }
      for (Process process : processes) {
        if (process.onExit().join().exitValue() != 0) {
          throw new IOException(flood + " exited with " + process.exitValue());
        }
      }
      watching.end();
    }
    boolean whole = receiver.finish() && calls.lost == 0;
    double seconds = (KernelClock.boottime() - calls.first) / 1e9;
    return new Flood(calls.count, seconds, readerNanos() - before, whole);
  }

  private static long readerNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().equals(READER)) {
        return threads.getThreadCpuTime(thread.getThreadId());
      }
    }
    throw new IllegalStateException("no thread is called " + READER);
  }

  /**
   * Counts the calls, on their way. The source tells of a number that never came as of a loss, so
   * all have come where it tells of none.
   */
  private static final class Calls implements EventSource.Sink {
    private final EventSource.Sink next;
    private long first;
    private long count;
    private long lost;

    Calls(EventSource.Sink next) {
      this.next = next;
    }

    @Override
    public void event(Event event) {
      if (event instanceof Event.Called) {
        if (count == 0) {
          first = event.stamp().time();
        }
        count++;
      }
      next.event(event);
    }

    @Override
    public void lost(String what, long many) {
      lost += many;
    }
  }

  /** Nothing more is done with them. */
  private static final class Counting implements Receiver {
    @Override
    public void event(Event event) {}

    @Override
    public void lost(String what, long count) {}

    @Override
    public boolean finish() {
      return true;
    }
  }

  /** What is done for a job: whose it is, and what the rules say of it. */
  private static final class Looking implements Receiver {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Watch watch;

    Looking(DetectionRules rules, EventSource source) {
      Detector detector = new Detector(rules);
      watch = new Watch(detector::observe);
      watch.from(source, 0);
    }

    @Override
    public void event(Event event) {
      watch.event(event);
    }

    @Override
    public void lost(String what, long count) {
      watch.lost(what, count);
    }

    @Override
    public boolean finish() {
      watch.finish(LIMIT);
      return watch.activity().losses().isEmpty();
    }
  }
}
