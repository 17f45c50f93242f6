package dev.mayfly.monitor;

import dev.mayfly.linux.Fanotify;
import dev.mayfly.linux.FanotifyEvent;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A thread that reads a group of fanotify until it is closed. */
final class FanotifyReader implements AutoCloseable {
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
   * @param failed is given the reason where reading ends before its time
   */
  static FanotifyReader start(
      String name, Fanotify fanotify, Consumer<FanotifyEvent> events, Consumer<String> failed) {
    Thread thread =
        Thread.ofPlatform().name(name).daemon().start(() -> read(fanotify, events, failed));
    return new FanotifyReader(fanotify, thread);
  }

  private static void read(
      Fanotify fanotify, Consumer<FanotifyEvent> events, Consumer<String> failed) {
    try {
      boolean open = true;
      while (open) {
        open = fanotify.read(events);
      }
    } catch (IOException e) {
      failed.accept(String.valueOf(e.getMessage()));
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
