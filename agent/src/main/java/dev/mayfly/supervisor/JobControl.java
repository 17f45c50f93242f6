package dev.mayfly.supervisor;

import dev.mayfly.job.Finding;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.InitFrame;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Steers a job from outside: the first signal goes to its command, the second ends it. A signal
 * that comes before there is a command ends the job, too. Safe for use by several threads.
 */
public final class JobControl implements Steering {
  private final InitFrame.Scope scope;
  private final ReentrantLock lock = new ReentrantLock();
  private final CompletableFuture<Integer> cancelled = new CompletableFuture<>();
  private final CompletableFuture<Finding> stopped = new CompletableFuture<>();
  private @Nullable Command command;
  private final CompletableFuture<Integer> signalled = new CompletableFuture<>();

  /** Steers a job whose signals go to its command's process group, as a terminal's would. */
  public JobControl() {
    this(InitFrame.Scope.GROUP);
  }

  /**
   * @param scope whom the first signal goes to
   */
  public JobControl(InitFrame.Scope scope) {
    this.scope = scope;
  }

  @Override
  public void signal(int number) {
    lock.lock();
    try {
      Command target = command;
      boolean first = signalled.complete(number);
      if (target == null || !first) {
        cancelled.complete(number);
        return;
      }
      target.signal(scope, number);
    } catch (IOException e) {
      cancelled.complete(number);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void resize(int rows, int columns) {
    lock.lock();
    try {
      Command target = command;
      if (target != null) {
        target.resize(rows, columns);
      }
    } catch (IOException e) {
      cancelled.complete(1);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the job, whatever it does.
   *
   * @param number of the signal that is told as the reason
   */
  public void cancel(int number) {
    cancelled.complete(number);
  }

  /**
   * Ends the job because of what it did.
   *
   * @param finding that is told as the reason; the first one where there are several
   */
  void stop(Finding finding) {
    stopped.complete(finding);
  }

  /** Completes with the finding that ended the job. */
  CompletableFuture<Finding> stopped() {
    return stopped.copy();
  }

  /** Completes with the signal that ended the job. */
  public CompletableFuture<Integer> cancelled() {
    return cancelled.copy();
  }

  /** The first signal, which a command may heed and end by itself. */
  public Optional<Integer> signalled() {
    return Optional.ofNullable(signalled.getNow(null));
  }

  /** The signal that ended the job before it had a command. */
  Optional<Integer> cancelledAlready() {
    return Optional.ofNullable(cancelled.getNow(null));
  }

  void steer(Command running) {
    lock.lock();
    try {
      command = running;
    } finally {
      lock.unlock();
    }
  }
}
