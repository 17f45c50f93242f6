package dev.mayfly.bench;

import dev.mayfly.engine.EngineException;
import java.io.IOException;
import java.io.OutputStream;

/** A way to run the stages of a job of GitLab's. */
interface JobWay {
  /**
   * Runs a job, and waits until nothing of it is left.
   *
   * @param log takes what its stages print
   * @throws IOException where one of its calls fails
   */
  Calls run(Stages stages, OutputStream log)
      throws IOException, EngineException, InterruptedException;
}
