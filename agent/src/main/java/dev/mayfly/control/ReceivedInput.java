package dev.mayfly.control;

import dev.mayfly.flow.Credit;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Input that comes in frames, as a stream. What waits is bounded by the credit that was given; it
 * is given anew for what was read.
 */
final class ReceivedInput extends InputStream {
  private static final byte[] END = new byte[0];

  private final CreditGiver creditGiver;
  private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>();
  private final AtomicLong credit = new AtomicLong(Credit.INITIAL);
  private byte[] current = END;
  private int position;
  private boolean ended;

  ReceivedInput(CreditGiver creditGiver) {
    this.creditGiver = creditGiver;
  }

  /** Tells the sender that it may send more. */
  interface CreditGiver {
    void give(int bytes) throws IOException;
  }

  /** Adds what came; no bytes are the end. */
  void offer(byte[] bytes) throws ControlProtocolException {
    if (credit.addAndGet(-bytes.length) < 0) {
      throw new ControlProtocolException("more input than there was credit for");
    }
    waiting.add(bytes.clone());
  }

  /** Ends the stream, whatever waits in it. */
  @Override
  public void close() {
    waiting.clear();
    waiting.add(END);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!ended && position == current.length) {
      next();
    }
    if (ended) {
      return -1;
    }
    int count = Math.min(length, current.length - position);
    System.arraycopy(current, position, target, offset, count);
    position += count;
    credit.addAndGet(count);
    creditGiver.give(count);
    return count;
  }

  private void next() throws IOException {
    try {
      current = waiting.take();
      position = 0;
      ended = current.length == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for input", e);
    }
  }
}
