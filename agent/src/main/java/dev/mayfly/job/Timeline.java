package dev.mayfly.job;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Collects what took how long. Safe for use by several threads. */
public final class Timeline {
  private final Instant origin = Instant.now();
  private final long originNanos = System.nanoTime();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Span> spans = new ArrayList<>();

  /** A span that has begun and ends when it is closed. */
  public interface Open extends AutoCloseable {
    @Override
    void close();
  }

  public Open span(String name) {
    long start = System.nanoTime();
    return () -> {
      Span span =
          new Span(
              name,
              origin.plusNanos(start - originNanos),
              Duration.ofNanos(System.nanoTime() - start));
      lock.lock();
      try {
        spans.add(span);
      } finally {
        lock.unlock();
      }
    };
  }

  /** When the timeline began. */
  public Instant origin() {
    return origin;
  }

  /** What has ended so far, in the order of its beginning. */
  public List<Span> spans() {
    lock.lock();
    try {
      return spans.stream().sorted(Comparator.comparing(Span::start)).toList();
    } finally {
      lock.unlock();
    }
  }
}
