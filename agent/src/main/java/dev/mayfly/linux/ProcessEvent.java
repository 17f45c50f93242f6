package dev.mayfly.linux;

/**
 * One event of the kernel's process connector (include/uapi/linux/cn_proc.h). Numbers are those of
 * the host's first pid name space.
 */
public sealed interface ProcessEvent {
  /**
   * A task was made.
   *
   * @param parent process that the new task has as its parent; of a thread, its own process
   * @param task the new one; equal to {@code process} unless it is a thread
   */
  record Forked(int parent, int task, int process) implements ProcessEvent {}

  record Executed(int process) implements ProcessEvent {}

  /** A task ended, with the status that wait(2) gives. */
  record Exited(int task, int process, int status) implements ProcessEvent {}

  record UserChanged(int process, int real, int effective) implements ProcessEvent {}

  record GroupChanged(int process, int real, int effective) implements ProcessEvent {}

  /** A process became the leader of a session. */
  record SessionBegan(int process) implements ProcessEvent {}

  /** A task was given a name. */
  record Named(int task, int process, String name) implements ProcessEvent {}

  /** A process is traced by another one; by 0 once it isn't any more. */
  record Traced(int process, int tracer) implements ProcessEvent {}

  /** An answer to what this host's programs asked of the connector: 0 or an errno. */
  record Answered(int acknowledged, int error) implements ProcessEvent {}

  /** What has no meaning here. */
  record Other(int kind) implements ProcessEvent {}

  /**
   * An event as it came.
   *
   * @param cpu which told it; each counts its own
   * @param number its number on that CPU
   * @param time nanoseconds of CLOCK_MONOTONIC
   */
  record Told(int cpu, int number, long time, ProcessEvent event) {}
}
