package dev.mayfly.bpf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the programs keep of each sandbox, in memory shared with them: whose events they tell, what
 * is the sandbox's share of the ring, and what was lost. Counters only grow.
 */
public final class Slots {
  /** Bytes of all of them. */
  public static final int SIZE = EventLayout.SLOTS * EventLayout.SLOT_SIZE;

  /** How many sandboxes there can be. Slot 0 counts what is nobody's. */
  public static final int MOST = EventLayout.SLOTS - 1;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer values;
  private final BitSet taken = new BitSet(EventLayout.SLOTS);
  private int last;
  private int generation;

  /**
   * @param values direct, in the machine's byte order
   */
  public Slots(ByteBuffer values) {
    this.values = values;
  }

  /** What holds for a sandbox. */
  public enum Rule {
    /** No raw or packet sockets. */
    REFUSE_RAW(EventLayout.SLOT_REFUSE_RAW),
    /** Who opens the memory of another process is killed. */
    KILL_MEMORY(EventLayout.SLOT_KILL_MEMORY),
    /** The programs of LSM tell of opened files, the others leave that to them. */
    OPENS_BY_LSM(EventLayout.SLOT_OPENS_BY_LSM),
    /** Nothing that changes the kernel, such as modules; needs LSM. */
    REFUSE_KERNEL(EventLayout.SLOT_REFUSE_KERNEL),
    /** Nothing is refused or killed for a file: the engine's runtime is at work. */
    STARTING(EventLayout.SLOT_STARTING),
    /** Who reads a file that is marked as a secret is refused it, without LSM killed. */
    REFUSE_SECRETS(EventLayout.SLOT_REFUSE_SECRETS),
    /** Who writes a file by which something is started is refused it, without LSM killed. */
    REFUSE_STARTS(EventLayout.SLOT_REFUSE_STARTS),
    /** Who reads a file that is marked as a secret is killed. */
    KILL_SECRETS(EventLayout.SLOT_KILL_SECRETS),
    /** Who writes a file by which something is started is killed. */
    KILL_STARTS(EventLayout.SLOT_KILL_STARTS);

    private final int flag;

    Rule(int flag) {
      this.flag = flag;
    }

    int flag() {
      return flag;
    }
  }

  /**
   * Counters of a slot.
   *
   * @param sequence how many events there were, told or not
   * @param budget events lost because the sandbox had its share of the ring in there already
   * @param ring events lost because the ring was full
   * @param mark processes that could not be marked as the sandbox's
   * @param writtenCode how often pages of a file that had been written to were made executable
   */
  public record Counters(long sequence, long budget, long ring, long mark, long writtenCode) {
    public Counters since(Counters before) {
      return new Counters(
          sequence - before.sequence,
          budget - before.budget,
          ring - before.ring,
          mark - before.mark,
          writtenCode - before.writtenCode);
    }

    /** Events that have a number and are not told. */
    public long dropped() {
      return budget + ring;
    }
  }

  /**
   * A slot that is a sandbox's.
   *
   * @param sandbox how the programs call it, for ever
   * @param before where the slot's counters stood
   */
  public record Armed(long sandbox, Counters before) {
    public int slot() {
      return (int) sandbox;
    }
  }

  /**
   * Gives a sandbox a slot.
   *
   * @param limit bytes that it may have in the ring
   * @return empty where all are given away
   */
  public synchronized Optional<Armed> arm(long limit, Set<Rule> rules) {
    for (int tries = 0; tries < MOST; tries++) {
      last = last % MOST + 1;
      if (!taken.get(last)) {
        taken.set(last);
        generation = generation == -1 ? 1 : generation + 1;
        Armed armed = new Armed((long) generation << 32 | last, counters(last));
        rules(armed, rules);
        limit(armed, limit);
        INT.setRelease(values, at(last, EventLayout.SLOT_GENERATION), generation);
        return Optional.of(armed);
      }
    }
    return Optional.empty();
  }

  private static int at(int slot, int field) {
    return slot * EventLayout.SLOT_SIZE + field;
  }

  /** Sets what it may have in the ring from now on. */
  public void limit(Armed armed, long bytes) {
    LONG.setOpaque(values, at(armed.slot(), EventLayout.SLOT_LIMIT), bytes);
  }

  /** Sets what holds for it from now on. */
  public void rules(Armed armed, Set<Rule> rules) {
    int flags = rules.stream().mapToInt(rule -> rule.flag).reduce(0, (a, b) -> a | b);
    INT.setOpaque(values, at(armed.slot(), EventLayout.SLOT_FLAGS), flags);
  }

  /** From now on no event of it is told or counted. The slot stays its. */
  public void mute(Armed armed) {
    INT.setRelease(values, at(armed.slot(), EventLayout.SLOT_GENERATION), 0);
  }

  /** Gives the slot back, which is muted. */
  public synchronized void release(Armed armed) {
    taken.clear(armed.slot());
  }

  /** What was counted since it was armed. */
  public Counters counted(Armed armed) {
    return counters(armed.slot()).since(armed.before());
  }

  private Counters counters(int slot) {
    int dropped = at(slot, EventLayout.SLOT_DROPPED);
    // The losses first: a number is taken before its event is lost.
    long budget = (long) LONG.getAcquire(values, dropped + 8 * EventLayout.DROP_BUDGET);
    long ring = (long) LONG.getAcquire(values, dropped + 8 * EventLayout.DROP_RING);
    long mark = (long) LONG.getAcquire(values, dropped + 8 * EventLayout.DROP_MARK);
    long sequence = (long) LONG.getAcquire(values, at(slot, EventLayout.SLOT_SEQ));
    long code = (long) LONG.getAcquire(values, at(slot, EventLayout.SLOT_WRITTEN_CODE));
    return new Counters(sequence, budget, ring, mark, code);
  }

  /** Gives back what a record took of its sandbox's share. The reader's alone. */
  public void credit(long sandbox, long cost) {
    int slot = (int) sandbox;
    if (slot >= 0 && slot < EventLayout.SLOTS) {
      int consumed = at(slot, EventLayout.SLOT_CONSUMED);
      LONG.setRelease(values, consumed, (long) LONG.getOpaque(values, consumed) + cost);
    }
  }
}
