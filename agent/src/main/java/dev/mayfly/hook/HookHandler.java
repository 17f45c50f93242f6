package dev.mayfly.hook;

import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobStreams;

/** Does what runners call their hooks for. */
@FunctionalInterface
public interface HookHandler {

  /**
   * Returns when the call is over.
   *
   * @param streams what the hook writes, and lines of Mayfly's own for its standard error
   * @param control is signalled as the hook is, and ended when the hook is gone
   */
  HookExit handle(HookCall call, JobStreams streams, JobControl control);
}
