package dev.mayfly.monitor;

import dev.mayfly.linux.Fanotify;
import dev.mayfly.linux.FanotifyEvent;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A thread that reads a group of fanotify until it is closed. */
final class FanotifyReader implements AutoCloseable {
  /** Each concerns one event, unless nothing can be read any more. */
  private static final int MOST_FAILURES = 100;

  private final Fanotify fanotify;
  private final Thread thread;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FanotifyReader(Fanotify fanotify, Thread thread) {
    this.fanotify = fanotify;
    this.thread = thread;
  }

  /**
   * Begins to read.
   *
   * @param failed is given the reason where an event can't be read
   */
  static FanotifyReader start(
      String name, Fanotify fanotify, Consumer<FanotifyEvent> events, Consumer<String> failed) {
    Thread thread =
        Thread.ofPlatform().name(name).daemon().start(() -> read(fanotify, events, failed));
    return new FanotifyReader(fanotify, thread);
  }

  private static void read(
      Fanotify fanotify, Consumer<FanotifyEvent> events, Consumer<String> failed) {
    boolean open = true;
    for (int failures = 0; open && failures < MOST_FAILURES; ) {
      try {
        open = fanotify.read(events);
      } catch (IOException e) {
        failures++;
        failed.accept(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Ends it once all that waits to be read is taken. May be asked for again. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    fanotify.stop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    fanotify.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
