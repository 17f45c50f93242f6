package dev.mayfly.sandbox;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How many bytes one side may still send on a stream. Safe for use by several threads. */
public final class Credit {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long bytes;
  private boolean closed;

  public Credit(long initial) {
    this.bytes = initial;
  }

  public void add(long more) {
    lock.lock();
    try {
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
  public int take(int wanted) throws IOException {
    lock.lock();
    try {
      while (bytes == 0 && !closed) {
        changed.await();
      }
      if (closed) {
        return 0;
      }
      int taken = (int) Math.min(wanted, bytes);
      bytes -= taken;
      return taken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the sandbox to take input", e);
    } finally {
      lock.unlock();
    }
  }

  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
