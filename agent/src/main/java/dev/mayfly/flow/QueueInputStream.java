package dev.mayfly.flow;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What some threads offer, as a stream for one other. A read gives what there is and waits only for
 * the first byte.
 */
public class QueueInputStream extends InputStream {
  private static final byte[] END = new byte[0];

  private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>();
  private byte[] current = END;
  private int position;
  private boolean ended;

  /** Adds bytes; no bytes are the end of the stream. */
  public void offer(byte[] bytes) throws IOException {
    waiting.add(bytes.clone());
  }

  /** Ends the stream after what waits in it. */
  protected final void finish() {
    waiting.add(END);
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

  @Override
  public int available() {
    return current.length - position;
  }
}
