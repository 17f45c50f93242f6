package dev.mayfly.sandbox;

import java.io.Serial;

/** A command line and environment too large to be executed by any kernel. */
public final class SpawnTooLargeException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public SpawnTooLargeException(long bytes) {
    super(
        "arguments and environment take "
            + bytes
            + " bytes, and at most "
            + InitFrame.MAX_SPAWN
            + " can be executed; pass large values in files of the workspace");
  }
}
