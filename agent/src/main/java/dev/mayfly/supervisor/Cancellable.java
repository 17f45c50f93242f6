package dev.mayfly.supervisor;

import java.util.concurrent.locks.ReentrantLock;

/** A stretch of a thread's work that is interrupted when its job is cancelled. */
final class Cancellable implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread worker = Thread.currentThread();
  private boolean over;

  private Cancellable() {}

  static Cancellable by(JobControl control) {
    Cancellable work = new Cancellable();
    var _ = control.cancelled().thenRun(work::interrupt);
    return work;
  }

  private void interrupt() {
    lock.lock();
    try {
      if (!over) {
        worker.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What follows is not interrupted any more, and does not see that this was. */
  @Override
  public void close() {
    lock.lock();
    try {
      over = true;
      var _ = Thread.interrupted();
    } finally {
      lock.unlock();
    }
  }
}
