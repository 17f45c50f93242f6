package dev.mayfly.monitor;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import dev.mayfly.event.Stamp;
import dev.mayfly.monitor.SandboxActivity.FileRecord;
import dev.mayfly.monitor.SandboxActivity.FurtherPrograms;
import dev.mayfly.monitor.SandboxActivity.ProcessRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Keeps of one sandbox what its report is to tell, within bounds. Used by one thread. */
final class ActivityLog {
  static final int MOST_PROCESSES = 10_000;
  static final int MOST_FURTHER = 2_000;
  static final int MOST_FILES = 5_000;
  static final long MOST_TEXT = 4 << 20;
  private static final String OTHERS = "(others)";

  private final Map<Integer, TracedProcess> live = new LinkedHashMap<>();
  private final List<TracedProcess> processes = new ArrayList<>();
  private final Map<FurtherKey, long[]> further = new LinkedHashMap<>();
  private final Map<FileKey, long[]> files = new LinkedHashMap<>();
  private final Map<String, Long> events = new TreeMap<>();
  private long furtherFiles;
  private long text;
  private Optional<Long> origin = Optional.empty();

  private record FurtherKey(String path, String parent) {}

  private record FileKey(String path, String use, String program, boolean refused) {}

  /** Something of which no more is known than how often it was. */
  void count(String what, long more) {
    events.merge(what, more, Long::sum);
  }

  void add(Observation observation) {
    Event event = observation.event();
    if (origin.isEmpty()) {
      origin = Optional.of(event.stamp().time());
    }
    count(event.getClass().getSimpleName().toLowerCase(Locale.ROOT), 1);
    switch (event) {
      case Event.Forked _ -> process(observation);
      case Event.Executed executed -> executed(executed, observation);
      case Event.Exited exited -> {
        TracedProcess process = live.remove(observation.actor().key().pid());
        if (process != null) {
          process.end(since(exited), exited.status());
        }
      }
      case Event.Opened opened ->
          file(opened.path(), opened.writes() ? "write" : "read", observation);
      case Event.Changed changed -> file(changed.path(), changed.change().word(), observation);
      default -> {}
    }
  }

  private long since(Event event) {
    return event.stamp().time() - origin.orElseThrow();
  }

  private Optional<TracedProcess> process(Observation observation) {
    Actor actor = observation.actor();
    TracedProcess known = live.get(actor.key().pid());
    if (known != null && known.key().start() == actor.key().start()) {
      return Optional.of(known);
    }
    if (processes.size() == MOST_PROCESSES) {
      return Optional.empty();
    }
    TracedProcess made = new TracedProcess(actor, actor.started() - origin.orElseThrow());
    processes.add(made);
    live.put(actor.key().pid(), made);
    return Optional.of(made);
  }

  private void executed(Event.Executed executed, Observation observation) {
    Optional<TracedProcess> process = process(observation);
    if (process.isPresent()) {
      text += process.get().executed(executed, text < MOST_TEXT);
      return;
    }
    FurtherKey key =
        new FurtherKey(
            executed.path(), observation.actor().parent().map(Actor::path).orElse(OTHERS));
    if (further.size() >= MOST_FURTHER && !further.containsKey(key)) {
      key = new FurtherKey(OTHERS, OTHERS);
    }
    further.computeIfAbsent(key, _ -> new long[1])[0]++;
  }

  private void file(String path, String use, Observation observation) {
    boolean refused = observation.event().stamp().effect() != Stamp.Effect.TOLD;
    FileKey key = new FileKey(path, use, observation.actor().path(), refused);
    if (files.size() >= MOST_FILES && !files.containsKey(key)) {
      furtherFiles++;
      return;
    }
    files.computeIfAbsent(key, _ -> new long[1])[0]++;
  }

  SandboxActivity activity(Optional<String> source, List<String> weaknesses, List<String> losses) {
    List<ProcessRecord> told = processes.stream().map(TracedProcess::told).toList();
    List<FurtherPrograms> more = new ArrayList<>();
    further.forEach(
        (key, count) -> more.add(new FurtherPrograms(key.path(), key.parent(), count[0])));
    List<FileRecord> used = new ArrayList<>();
    files.forEach(
        (key, count) ->
            used.add(
                new FileRecord(key.path(), key.use(), key.program(), key.refused(), count[0])));
    return new SandboxActivity(source, weaknesses, told, more, used, furtherFiles, events, losses);
  }
}
