package dev.mayfly.monitor;

import dev.mayfly.bpf.Decoded;
import dev.mayfly.bpf.EventDecoder;
import dev.mayfly.bpf.EventRing;
import dev.mayfly.bpf.Slots;
import dev.mayfly.linux.MappedRing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that reads the ring and gives each sandbox its events. While none is watched it waits
 * and costs nothing.
 */
final class BpfSourceReader implements EventRing.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(BpfSourceReader.class);

  /** Ordinary events wake nobody: this is how old they get. */
  private static final Duration LOOK = Duration.ofMillis(5);

  /** As {@link #LOOK}, where nothing came for a while: each look costs some processor time. */
  private static final Duration LOOK_IN_QUIET = Duration.ofMillis(10);

  private static final Duration QUIET = Duration.ofMillis(200);

  private static final Duration LOOK_AT_END = Duration.ofMillis(1);

  /** How often it looks whether something was lost. */
  private static final Duration BETWEEN_SETTLING = Duration.ofMillis(100);

  private static final Duration MOST_TO_STOP = Duration.ofSeconds(10);
  private static final int BATCH = 4096;

  private final MappedRing pages;
  private final EventRing ring;
  private final Slots slots;
  private final EventDecoder decoder;
  private final Thread thread;

  private final AtomicReferenceArray<@Nullable BpfSourceWatch> bySlot =
      new AtomicReferenceArray<>(Slots.MOST + 1);
  private final List<BpfSourceWatch> watches = new CopyOnWriteArrayList<>();
  private final AtomicInteger finishing = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean stopped;
  private Optional<String> failure = Optional.empty();

  // Of the record that is read.
  private long sandbox;
  private long sequence;
  private @Nullable BpfSourceWatch watch;
  private @Nullable Decoded decoded;

  BpfSourceReader(MappedRing pages, Slots slots, EventDecoder decoder) {
    this.pages = pages;
    this.slots = slots;
    this.decoder = decoder;
    this.ring = new EventRing(pages.consumer(), pages.producer(), pages.records());
    this.thread = Thread.ofPlatform().daemon().name("mayfly-events").unstarted(this::read);
  }

  void start() {
    thread.start();
  }

  /**
   * Gives a sandbox its events from now on.
   *
   * @throws IOException where reading has failed before
   */
  void add(BpfSourceWatch added) throws IOException {
    lock.lock();
    try {
      if (stopped || failure.isPresent()) {
        throw new IOException("events can't be read: " + failure.orElse("the source is closed"));
      }
      bySlot.set(added.armed().slot(), added);
      watches.add(added);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void remove(BpfSourceWatch removed) {
    watches.remove(removed);
    bySlot.set(removed.armed().slot(), null);
  }

  /**
   * Waits until all of a sandbox is told that is in the ring now.
   *
   * @return false where that takes too long
   */
  boolean finish(BpfSourceWatch finished) {
    finishing.incrementAndGet();
    try {
      return finished.awaitRead(ring.end());
    } finally {
      finishing.decrementAndGet();
    }
  }

  private void read() {
    try {
      long settled = System.nanoTime();
      long came = settled;
      while (awaitWatched()) {
        int read = ring.drain(this, BATCH);
        if (read > 0) {
          came = System.nanoTime();
          watches.forEach(BpfSourceWatch::pause);
        }
        boolean ending = finishing.get() > 0;
        long now = System.nanoTime();
        if (ending || now - settled > BETWEEN_SETTLING.toNanos()) {
          settled = now;
          long position = ring.position();
          watches.forEach(one -> one.settle(position));
        }
        if (read == 0) {
          boolean quiet = now - came > QUIET.toNanos();
          pages.await(ending ? LOOK_AT_END : quiet ? LOOK_IN_QUIET : LOOK);
        }
      }
      fail("the source is closed");
    } catch (IOException | RuntimeException e) {
      LOG.error("events of sandboxes can't be read any more", e);
      fail(e.toString());
    }
  }

  /** False once it is to stop. */
  private boolean awaitWatched() {
    lock.lock();
    try {
      while (!stopped && watches.isEmpty()) {
        changed.awaitUninterruptibly();
      }
      return !stopped;
    } finally {
      lock.unlock();
    }
  }

  private void fail(String why) {
    lock.lock();
    try {
      failure = Optional.of(why);
      watches.forEach(one -> one.readerFailed(why));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void record(ByteBuffer records, int at, int length) {
    sandbox = EventDecoder.sandboxOf(records, at, length);
    int slot = (int) sandbox;
    watch = slot > 0 && slot <= Slots.MOST ? bySlot.get(slot) : null;
    if (watch == null || watch.armed().sandbox() != sandbox) {
      watch = null;
      return;
    }
    sequence = EventDecoder.sequenceOf(records, at);
    decoded = decoder.decode(records, at, length, watch.armed().before().sequence());
  }

  @Override
  public void passed(long cost) {
    slots.credit(sandbox, cost);
    if (watch != null && decoded != null) {
      watch.deliver(decoded, sequence);
    }
  }

  /**
   * Stops it. Who is watched still is told so.
   *
   * @return whether it has stopped, so that the ring's pages are nobody's
   */
  boolean stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      return thread.join(MOST_TO_STOP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
