package dev.mayfly.control;

import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobStreams;

/** Runs what was asked for over the socket. Called by many threads. */
public interface ExecHandler {
  /**
   * Runs a command, whole.
   *
   * @return what {@code mayfly exec} is to exit with; why, was told as messages
   */
  int run(ExecRequest request, JobStreams streams, JobControl control);
}
