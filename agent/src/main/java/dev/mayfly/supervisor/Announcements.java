package dev.mayfly.supervisor;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Lines for a job's log from threads that must not wait for whoever reads it. So many are passed on
 * and no more: the report has the rest.
 */
final class Announcements implements AutoCloseable {
  private static final int MOST = 100;
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private static final String END = "";

  private final Consumer<String> log;
  private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST + 2);
  private final AtomicInteger count = new AtomicInteger();
  private final Thread writer;

  /**
   * @param log may block
   */
  Announcements(Consumer<String> log) {
    this.log = log;
    this.writer = Thread.ofVirtual().name("announcements").start(this::write);
  }

  private void write() {
    try {
      for (String line = waiting.take(); !line.equals(END); line = waiting.take()) {
        log.accept(line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Passes a line on, some time. */
  void add(String line) {
    int number = count.incrementAndGet();
    if (number <= MOST) {
      waiting.add(line);
    } else if (number == MOST + 1) {
      waiting.add("more was refused than is told here: see the report");
    }
  }

  /** Waits until what was added is written, but not for a reader who has gone to sleep. */
  @Override
  public void close() {
    count.addAndGet(2 * MOST);
    waiting.add(END);
    try {
      if (!writer.join(LAST_WORDS)) {
        writer.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
