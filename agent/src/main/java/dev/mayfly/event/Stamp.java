package dev.mayfly.event;

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
    Effect effect) {

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
