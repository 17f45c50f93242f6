package dev.mayfly.flow;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How many bytes one side may still send on a stream. Safe for use by several threads. */
public final class Credit {
  /** What every stream starts with. */
  public static final int INITIAL = 256 << 10;

  /** Most that may be outstanding. */
  public static final int MAX = 4 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int bytes;
  private boolean closed;

  /**
   * @param initial bytes that may be sent at once
   */
  public Credit(int initial) {
    this.bytes = initial;
  }

  /**
   * Allows further bytes.
   *
   * @throws CreditException where more than {@link #MAX} would be outstanding
   */
  public void add(int more) throws CreditException {
    lock.lock();
    try {
      if (more > MAX - bytes) {
        throw new CreditException("credit above " + MAX + " bytes");
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
  public int take(int wanted) throws IOException {
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
