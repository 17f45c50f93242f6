package dev.mayfly.monitor;

import dev.mayfly.event.Event;
import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.event.Stamp;
import dev.mayfly.linux.KernelClock;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/** One sandbox that the fallback watches: its events get their numbers here, one after another. */
final class FallbackSandbox implements DiskWatch.Listener {
  /** Members at one time; a sandbox's limit of processes is far below. */
  private static final int MOST_MEMBERS = 100_000;

  private final EventSource.Target target;
  private final EventSource.Sink sink;
  private final Function<Integer, Optional<Member>> members;
  private final ReentrantLock lock = new ReentrantLock();
  private long sequence;
  private int count;

  FallbackSandbox(
      EventSource.Target target,
      EventSource.Sink sink,
      Function<Integer, Optional<Member>> members) {
    this.target = target;
    this.sink = sink;
    this.members = members;
  }

  /** Makes an event of what it is given. */
  interface Made<T> {
    Event of(T given);
  }

  EventSource.Target target() {
    return target;
  }

  /** Whether a cgroup is the sandbox's or below it. */
  boolean holds(String cgroup) {
    return cgroup.equals(target.cgroup()) || cgroup.startsWith(target.cgroup() + "/");
  }

  /** Whether there is room for another member; that there is none is told. */
  boolean takes() {
    if (count >= MOST_MEMBERS) {
      lost("processes beyond the first " + MOST_MEMBERS + " at one time, and theirs", 1);
      return false;
    }
    count++;
    return true;
  }

  void leaves() {
    count--;
  }

  void tell(Member member, long time, Made<Stamp> event) {
    lock.lock();
    try {
      sink.event(event.of(member.stamp(++sequence, time)));
    } finally {
      lock.unlock();
    }
  }

  /** By a process that need not be a member. */
  void tell(int pid, Made<Stamp> event) {
    long time = KernelClock.boottime();
    Optional<Member> member = members.apply(pid).filter(m -> m.sandbox() == this);
    Optional<ProcessFacts> facts = member.isPresent() ? Optional.empty() : Description.facts(pid);
    lock.lock();
    try {
      long number = ++sequence;
      sink.event(
          event.of(
              member
                  .map(m -> m.stamp(number, time))
                  .orElseGet(() -> ProcStamps.stamp(pid, facts, number, time))));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void changed(
      int pid, Change change, FileIdentity file, String path, Optional<String> from) {
    tell(pid, stamp -> new Event.Changed(stamp, change, file, path, from));
  }

  @Override
  public void written(int pid, FileIdentity file, String path) {
    tell(
        pid,
        stamp -> new Event.Opened(stamp, file, path, Event.Opened.Access.WRITE, false, false, 0));
  }

  @Override
  public void lost(String what, long many) {
    lock.lock();
    try {
      sink.lost(what, many);
    } finally {
      lock.unlock();
    }
  }
}
