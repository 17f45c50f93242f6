package dev.mayfly.monitor;

import dev.mayfly.bpf.CgroupMarks.Marked;
import dev.mayfly.bpf.Decoded;
import dev.mayfly.bpf.Decoded.Malformed;
import dev.mayfly.bpf.Decoded.Told;
import dev.mayfly.bpf.Slots;
import dev.mayfly.bpf.Slots.Armed;
import dev.mayfly.bpf.Slots.Counters;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sandbox that is watched: its events go to its sink, and what is lost of them is told there.
 */
final class BpfSourceWatch implements EventSource.Watching {
  private static final Logger LOG = LoggerFactory.getLogger(BpfSourceWatch.class);

  /** For how long losses are added up before they are told again. */
  private static final Duration BETWEEN_LOSSES = Duration.ofSeconds(1);

  private static final Duration MOST_TO_READ = Duration.ofSeconds(5);

  private final BpfSource source;
  private final EventSource.Target target;
  private final EventSource.Sink sink;
  private final Slots slots;
  private final Armed armed;

  private final ReentrantLock ending = new ReentrantLock();
  private final CountDownLatch done = new CountDownLatch(1);
  private Marked marked = new Marked(List.of());
  private boolean ended;

  /** Where the ring ends for it. */
  private volatile long end = Long.MAX_VALUE;

  // The reader's alone.
  private final BpfSourceNumbers numbers = new BpfSourceNumbers();
  private Counters told = new Counters(0, 0, 0, 0, 0);
  private long toldAt = System.nanoTime() - BETWEEN_LOSSES.toNanos();
  private long malformed;
  private long failed;
  private String malformedWhy = "";
  private String failedWhy = "";

  BpfSourceWatch(
      BpfSource source,
      EventSource.Target target,
      EventSource.Sink sink,
      Slots slots,
      Armed armed) {
    this.source = source;
    this.target = target;
    this.sink = sink;
    this.slots = slots;
    this.armed = armed;
  }

  EventSource.Target target() {
    return target;
  }

  Armed armed() {
    return armed;
  }

  Marked marked() {
    return marked;
  }

  /** Before anybody else has it. */
  void marked(Marked those) {
    marked = those;
  }

  /** By the reader: an event of it was read. */
  void deliver(Decoded decoded, long sequence) {
    numbers.came(sequence - armed.before().sequence());
    switch (decoded) {
      case Told(var event) -> {
        try {
          sink.eventOfSeveral(event);
        } catch (RuntimeException e) {
          failed++;
          failedWhy = e.toString();
        }
      }
      case Malformed(var why) -> {
        malformed++;
        malformedWhy = why;
      }
    }
  }

  /** By the reader: it has read what there was. */
  void pause() {
    sink.pause();
  }

  /**
   * By the reader, now and then: tells what was lost.
   *
   * @param position up to where the ring was read
   */
  void settle(long position) {
    boolean last = position >= end && done.getCount() > 0;
    long now = System.nanoTime();
    if (!last && now - toldAt < BETWEEN_LOSSES.toNanos()) {
      return;
    }
    Counters counted = slots.counted(armed);
    Counters more = counted.since(told);
    told = counted;
    if (more.dropped() + more.mark() + malformed + failed > 0) {
      toldAt = now;
    }
    lost("events: the sandbox made them faster than they were read", more.budget());
    lost("events: the ring that all sandboxes share was full", more.ring());
    lost("processes: they could not be marked as the sandbox's", more.mark());
    lost("events: they could not be decoded, as " + malformedWhy, malformed);
    lost("events: they could not be looked at: " + failedWhy, failed);
    malformed = 0;
    failed = 0;
    if (last) {
      long unexplained = numbers.missing(counted.sequence()) - counted.dropped();
      lost("events: their numbers never came", unexplained);
      lost("events: more were lost than are missing", -unexplained);
      lost("events: their numbers can't be", numbers.strange());
      if (counted.writtenCode() > 0) {
        sink.counted("written-code", counted.writtenCode());
      }
      done.countDown();
    }
  }

  private void lost(String what, long count) {
    if (count <= 0) {
      return;
    }
    try {
      sink.lost(what, count);
    } catch (RuntimeException e) {
      LOG.error("a loss of {} {} could not be told", count, what, e);
    }
  }

  @Override
  public void started(long pid) throws IOException {
    // Not before: the engine's runtime is marked, too, and may look at processes of its own.
    source.enforce(this);
  }

  @Override
  public void end() throws IOException {
    ending.lock();
    try {
      if (!ended) {
        ended = true;
        source.end(this);
      }
    } finally {
      ending.unlock();
    }
  }

  /**
   * Waits until the reader has told all of it.
   *
   * @param upTo where the ring ended when the sandbox did
   * @return false where that takes too long
   */
  boolean awaitRead(long upTo) {
    end = upTo;
    try {
      return done.await(MOST_TO_READ.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** By the reader, which can't go on. */
  void readerFailed(String why) {
    lost("events: they can't be read any more: " + why, 1);
    done.countDown();
  }
}
