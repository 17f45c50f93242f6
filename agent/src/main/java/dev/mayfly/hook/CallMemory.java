package dev.mayfly.hook;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** What the calls of a runner's hooks may hold together. Safe for use by many threads. */
final class CallMemory {
  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param most in bytes
   */
  CallMemory(long most) {
    this.most = most;
  }

  /**
   * Takes that many bytes.
   *
   * @throws IOException where there are not so many; none is taken then
   */
  void take(long bytes) throws IOException {
    if (held.addAndGet(bytes) > most) {
      give(bytes);
      throw new IOException(
          "a call is refused: with it, the calls that are served would have more than "
              + (most >> 20)
              + " MiB together; make the scripts and variables of the jobs smaller, or their slots"
              + " fewer");
    }
  }

  void give(long bytes) {
    held.addAndGet(-bytes);
  }
}
