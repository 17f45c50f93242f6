package dev.mayfly.job;

/** How a job ended, as far as the sandbox is concerned. */
public sealed interface Outcome {

  /**
   * The job's command ran to its end.
   *
   * @param code as a shell gives it: its own, 126 or 127 where it could not be executed, 128+n
   *     where signal n ended it
   */
  record Exited(int code) implements Outcome {
    public Exited {
      if (code < 0 || code > 255) {
        throw new IllegalArgumentException("exit code out of range: " + code);
      }
    }
  }

  /** The sandbox reached the policy's lifetime and was ended. */
  record TimedOut() implements Outcome {}

  /** A reaction ended the job. */
  record Stopped(Finding finding) implements Outcome {}

  /**
   * Whoever started the job ended it.
   *
   * @param signal with which
   */
  record Cancelled(int signal) implements Outcome {}

  /**
   * The job's command was not started.
   *
   * @param reason one line with cause and remedy
   * @param passing whether it may be another time next time, such as an engine that did not answer
   */
  record Refused(String reason, boolean passing) implements Outcome {
    /** A job that will be refused as long as nobody changes anything. */
    public Refused(String reason) {
      this(reason, false);
    }
  }

  /**
   * The sandbox was lost while the command ran: the engine, its connection or PID 1 died.
   *
   * @param reason one line with cause and remedy
   */
  record Failed(String reason) implements Outcome {}
}
