package dev.mayfly.control;

import dev.mayfly.flow.Credit;
import dev.mayfly.flow.QueueInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Input that comes in frames, as a stream. What waits is bounded by the credit that was given; it
 * is given anew for what was read.
 */
final class ReceivedInput extends QueueInputStream {
  private final CreditGiver creditGiver;
  private final AtomicLong credit = new AtomicLong(Credit.INITIAL);

  ReceivedInput(CreditGiver creditGiver) {
    this.creditGiver = creditGiver;
  }

  /** Tells the sender that it may send more. */
  interface CreditGiver {
    void give(int bytes) throws IOException;
  }

  @Override
  public void offer(byte[] bytes) throws IOException {
    if (credit.addAndGet(-bytes.length) < 0) {
      throw new ControlProtocolException("more input than there was credit for");
    }
    super.offer(bytes);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = super.read(target, offset, length);
    if (count > 0) {
      credit.addAndGet(count);
      creditGiver.give(count);
    }
    return count;
  }
}
