package dev.mayfly.linux;

import com.sun.jna.LastErrorException;

/** Which thread of this host runs first where several want to (sched(7)). */
public final class ThreadPriority {
  private static final int PRIO_PROCESS = 0;
  private static final int CALLER = 0;
  private static final int FIRST = -20;

  private ThreadPriority() {}

  /**
   * Has the calling platform thread run before others, for one that must look at something before
   * it is gone.
   *
   * @return false where this process may not do that; all stays as it was then
   */
  public static boolean raise() {
    try {
      WatchCalls.setpriority(PRIO_PROCESS, CALLER, FIRST);
      return true;
    } catch (LastErrorException e) {
      return false;
    }
  }
}
