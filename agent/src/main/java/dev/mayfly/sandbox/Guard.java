package dev.mayfly.sandbox;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A protection that is put in force on a sandbox while nothing but its PID 1 runs. Where one can't
 * be, the job is refused.
 */
public interface Guard {

  /** For messages and the timeline, such as {@code network}. */
  String name();

  /**
   * Puts the protection in force.
   *
   * @throws GuardException where that did not work; nothing of it is left then
   */
  Armed arm(Target target) throws GuardException;

  /**
   * What is to be protected.
   *
   * @param pid of the sandbox's PID 1 as the host numbers it
   * @param places directories of its disk as the host sees them, by their paths in the sandbox; its
   *     writable layer is {@code /}
   */
  record Target(SandboxPlan plan, long pid, Map<String, Path> places) {
    public Target {
      places = Map.copyOf(places);
    }
  }

  /** A protection in force. */
  interface Armed {
    /**
     * Lets go of what it holds of the sandbox, so that this can be destroyed. Its processes are
     * ended, or about to be. May be asked for again.
     */
    default void release() {}

    /**
     * Takes it away again, once no process of the sandbox is left. Where that failed, or another
     * guard's did, it is asked for again; there may be nothing to do then.
     */
    void disarm() throws IOException;
  }
}
