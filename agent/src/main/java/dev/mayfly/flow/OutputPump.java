package dev.mayfly.flow;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries one output stream of a command to whoever reads it, on a thread of its own, so that a
 * slow reader holds up nothing else. What waits is bounded by the credit that the stream was given.
 */
public final class OutputPump {
  private static final byte[] END = new byte[0];

  /** Credit is given in such steps: to give it costs who writes as much as it does to write. */
  static final int STEP = Credit.INITIAL / 4;

  /** What a write says whose reader only went away: Java's words for EPIPE. */
  public static final String READER_GONE = "Broken pipe";

  private final OutputStream target;
  private final IntConsumer giveCredit;
  private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>();
  private final AtomicInteger credit = new AtomicInteger(Credit.INITIAL);
  private final CompletableFuture<Void> readerGone = new CompletableFuture<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private volatile boolean finished;

  /**
   * @param giveCredit called with the bytes that were passed on, when they are {@link #STEP} or
   *     more
   */
  public OutputPump(String name, OutputStream target, IntConsumer giveCredit) {
    this.target = target;
    this.giveCredit = giveCredit;
    Thread.ofVirtual().name(name).start(this::run);
  }

  /** Completes when the reader did not take what it was given. */
  public CompletableFuture<Void> readerGone() {
    return readerGone;
  }

  /**
   * Takes further output.
   *
   * @throws CreditException where the stream was not given credit for so much
   */
  public void offer(byte[] bytes) throws CreditException {
    if (credit.addAndGet(-bytes.length) < 0) {
      throw new CreditException("output beyond its credit");
    }
    waiting.add(bytes.clone());
  }

  public void finish() {
    finished = true;
    waiting.add(END);
  }

  /** Whether the stream's end has been seen, passed on or not. */
  public boolean finished() {
    return finished;
  }

  /**
   * Completes once everything is passed on; exceptionally where the reader went away, and the rest
   * is dropped.
   */
  public CompletableFuture<Void> end() {
    return end;
  }

  /**
   * What is to be said of a failed {@link #end}.
   *
   * @return empty where the reader only went away, as it may
   */
  public static Optional<String> complaint(@Nullable Throwable failure) {
    return Optional.ofNullable(failure)
        .map(Throwable::getMessage)
        .filter(message -> !message.equals(READER_GONE));
  }

  private void run() {
    IOException failure = null;
    int owed = 0;
    try {
      for (byte[] next = waiting.take(); next.length > 0; next = waiting.take()) {
        if (failure == null) {
          failure = write(next);
          if (failure != null) {
            readerGone.complete(null);
          }
        }
        owed += next.length;
        if (owed >= STEP) {
          credit.addAndGet(owed);
          giveCredit.accept(owed);
          owed = 0;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = new IOException("interrupted", e);
    }
    if (failure == null) {
      end.complete(null);
    } else {
      end.completeExceptionally(failure);
    }
  }

  private @Nullable IOException write(byte[] bytes) {
    try {
      target.write(bytes);
      target.flush();
      return null;
    } catch (IOException e) {
      return e;
    }
  }
}
