package dev.mayfly.monitor;

import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import dev.mayfly.linux.KernelClock;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Stamps for events that tell no more than a pid: what proc(5) tells of the process now. Its start
 * is in hundredths of a second, and 0 like all else where the process is gone.
 */
public final class ProcStamps {
  private final LongSupplier sequence;

  public ProcStamps(LongSupplier sequence) {
    this.sequence = sequence;
  }

  public Stamp of(int pid) {
    return stamp(pid, Description.facts(pid), sequence.getAsLong(), KernelClock.boottime());
  }

  /** For an event of which no more is known than the pid. */
  public static Stamp unknown(int pid) {
    return stamp(pid, Optional.empty(), 0, KernelClock.boottime());
  }

  static Stamp stamp(int pid, Optional<ProcessFacts> facts, long sequence, long time) {
    return new Stamp(
        sequence,
        time,
        new ProcessKey(pid, facts.map(ProcessFacts::start).orElse(0L)),
        pid,
        facts.map(ProcessFacts::parent).orElse(0),
        facts.map(ProcessFacts::uid).orElse(0),
        facts.map(ProcessFacts::gid).orElse(0),
        facts.map(ProcessFacts::session).orElse(0),
        facts.map(ProcessFacts::name).orElse(""),
        Stamp.Effect.TOLD);
  }
}
