package dev.mayfly.engine;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A connection whose other end is a test. */
public final class FakeAttachment implements Attachment {
  private static final long MOST_SECONDS = 20;

  private final Receiver receiver;
  private final BlockingQueue<byte[]> sent = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  FakeAttachment(Receiver receiver) {
    this.receiver = receiver;
  }

  /** Takes what the container would write. */
  public Receiver receiver() {
    return receiver;
  }

  @Override
  public void send(byte[] bytes) throws IOException {
    if (closed) {
      throw new IOException("the connection is closed");
    }
    sent.add(bytes.clone());
  }

  /** What was sent next, once it is. */
  public byte[] awaitSent() throws InterruptedException {
    byte[] next = sent.poll(MOST_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was sent within " + MOST_SECONDS + " s");
    }
    return next;
  }

  public boolean hasSent() {
    return !sent.isEmpty();
  }

  public boolean isClosed() {
    return closed;
  }

  /** As engines do, tells the receiver of the end as well. */
  @Override
  public void close() {
    closed = true;
    receiver.ended(null);
  }
}
