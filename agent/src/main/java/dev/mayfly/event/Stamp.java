package dev.mayfly.event;

import java.util.Optional;

/**
 * What every event tells: when, and who did it.
 *
 * @param sequence its number in its sandbox; one that never comes was lost
 * @param time nanoseconds of CLOCK_BOOTTIME
 * @param thread as the host numbers it
 * @param parent pid of the present parent
 * @param uid effective, as the host numbers it
 * @param gid effective, as the host numbers it
 * @param session pid of its leader
 * @param name of the thread, which it can choose itself (comm); at most 15 bytes
 * @param effect what became of it
 * @param mark what the kernel acted for, where it did because of a file that is marked
 */
public record Stamp(
    long sequence,
    long time,
    ProcessKey process,
    int thread,
    int parent,
    int uid,
    int gid,
    int session,
    String name,
    Effect effect,
    Optional<Mark> mark) {

  /** Of an event that has nothing to do with a mark. */
  public Stamp(
      long sequence,
      long time,
      ProcessKey process,
      int thread,
      int parent,
      int uid,
      int gid,
      int session,
      String name,
      Effect effect) {
    this(
        sequence, time, process, thread, parent, uid, gid, session, name, effect, Optional.empty());
  }

  /** What files are marked as, for policies that have them closed. */
  public enum Mark {
    /** It holds credentials. */
    CREDENTIALS,
    /** Something is started by it later. */
    PERSISTENCE
  }

  /** What the monitor did about an event. */
  public enum Effect {
    /** Nothing: it is told. */
    TOLD,
    /** The kernel refused it. */
    REFUSED,
    /** It was done, and its process was killed before it could go on. */
    KILLED
  }
}
