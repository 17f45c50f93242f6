package dev.mayfly.monitor;

import dev.mayfly.event.Event;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Events of processes that are told apart by their numbers; each started at its number's second.
 */
final class SampleEvents {
  private static final long SECOND = 1_000_000_000L;

  private SampleEvents() {}

  static ProcessKey key(int pid) {
    return new ProcessKey(pid, pid * SECOND);
  }

  static Stamp by(int pid, int parent) {
    return new Stamp(
        0, pid * SECOND, key(pid), pid, parent, 100_000, 100_000, 1, "sh", Stamp.Effect.TOLD);
  }

  static Event.Forked forked(int parent, int child) {
    return new Event.Forked(by(parent, 1), key(child), false, 1, false, false);
  }

  static Event.Executed executed(int pid, int parent, String path, String... arguments) {
    return new Event.Executed(
        by(pid, parent),
        FileIdentity.UNKNOWN,
        path,
        "/workspace",
        path,
        List.of(arguments),
        0,
        Set.of());
  }

  static Event.Exited exited(int pid, int status) {
    return new Event.Exited(by(pid, 1), status, Duration.ZERO, Duration.ZERO, 0, false);
  }

  /** As fanotify tells it, without what it does not know of the process. */
  static Event.Changed created(int pid, String path) {
    Stamp stamp = new Stamp(0, 0, new ProcessKey(pid, 0), pid, 0, 0, 0, 0, "", Stamp.Effect.TOLD);
    return new Event.Changed(
        stamp, Event.Changed.Change.CREATE, FileIdentity.UNKNOWN, path, Optional.empty());
  }
}
