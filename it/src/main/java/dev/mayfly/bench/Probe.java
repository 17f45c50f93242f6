package dev.mayfly.bench;

import dev.mayfly.engine.EngineException;
import java.io.IOException;

/** One way to do what is compared. */
interface Probe {

  /**
   * Does it once.
   *
   * @throws IOException where it did not do what it was to do: nothing is measured then
   */
  Sample take() throws IOException, EngineException, InterruptedException;
}
