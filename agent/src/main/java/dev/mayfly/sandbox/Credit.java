package dev.mayfly.sandbox;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How many bytes one side may still send on a stream. */
final class Credit {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int bytes;
  private boolean closed;

  Credit(int initial) {
    this.bytes = initial;
  }

  /**
   * Allows further bytes.
   *
   * @throws InitProtocolException where more than {@link InitFrame#MAX_CREDIT} would be outstanding
   */
  void add(int more) throws InitProtocolException {
    lock.lock();
    try {
      if (more > InitFrame.MAX_CREDIT - bytes) {
        throw new InitProtocolException("credit above " + InitFrame.MAX_CREDIT + " bytes");
      }
      bytes += more;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes up to {@code wanted} bytes, waiting until there is at least one.
   *
   * @return how many were taken; 0 where the stream's reader is gone
   */
  int take(int wanted) throws IOException {
    lock.lock();
    try {
      while (bytes == 0 && !closed) {
        changed.await();
      }
      if (closed) {
        return 0;
      }
      int taken = Math.min(wanted, bytes);
      bytes -= taken;
      return taken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the sandbox to take input", e);
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
