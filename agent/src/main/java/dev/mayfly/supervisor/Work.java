package dev.mayfly.supervisor;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Timeline;
import dev.mayfly.sandbox.Sandbox;
import java.util.List;
import java.util.function.Supplier;

/** What is done in a job's sandbox, from when it is proven to be watched until it is destroyed. */
interface Work {

  /** Returns when the job is over: the sandbox is destroyed then. */
  Outcome in(Place place, JobStreams streams, JobControl control);

  /** The sandbox runs nothing any more; it is about to be destroyed. May be told twice. */
  default void stopped() {}

  /**
   * Where work is done.
   *
   * @param findings those so far
   * @param settle waits until what was done before it is looked at
   */
  record Place(
      Sandbox sandbox, Timeline timeline, Supplier<List<Finding>> findings, Runnable settle) {}
}
