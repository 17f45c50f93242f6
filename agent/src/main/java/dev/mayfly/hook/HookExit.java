package dev.mayfly.hook;

/** How a call ended, for the runner. */
public sealed interface HookExit {

  /** It did what it was called for. */
  record Success() implements HookExit {}

  /**
   * The job itself failed: it is not tried again.
   *
   * @param code what its script ended with
   */
  record JobFailed(int code) implements HookExit {}

  /** Something else than the job failed: the runner may try again. */
  record SystemFailed() implements HookExit {}
}
