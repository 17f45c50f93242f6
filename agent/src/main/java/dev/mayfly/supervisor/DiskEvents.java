package dev.mayfly.supervisor;

import dev.mayfly.event.Event;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.monitor.DiskWatch;
import dev.mayfly.monitor.ProcStamps;
import dev.mayfly.monitor.Watch;
import java.util.Optional;

/** Changes of names on a sandbox's disk as events of its processes, known by their numbers. */
record DiskEvents(Watch watch) implements DiskWatch.Listener {
  @Override
  public void changed(
      int pid, Event.Changed.Change change, FileIdentity file, String path, Optional<String> from) {
    watch.eventBeside(new Event.Changed(ProcStamps.unknown(pid), change, file, path, from));
  }

  @Override
  public void lost(String what, long count) {
    watch.lost(what, count);
  }
}
