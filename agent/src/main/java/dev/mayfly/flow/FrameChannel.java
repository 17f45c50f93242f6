package dev.mayfly.flow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames over a connected socket, with the header that all of Mayfly's protocols have: one byte
 * type, three zero bytes, an id, the length of the payload. One thread may receive while others
 * send; frames of several senders do not mix.
 */
public final class FrameChannel implements AutoCloseable {
  /** Bytes of a header. */
  public static final int HEADER = 12;

  private final SocketChannel channel;
  private final String name;
  private final ReentrantLock sending = new ReentrantLock();

  /**
   * @param name of the connection, for messages
   */
  public FrameChannel(SocketChannel channel, String name) {
    this.channel = channel;
    this.name = name;
  }

  /** A frame without its payload, for which there is room. */
  public static ByteBuffer frame(int type, int length) {
    return ByteBuffer.allocate(HEADER + length)
        .put((byte) type)
        .put(new byte[3])
        .putInt(0)
        .putInt(length);
  }

  /** Whether a header has zeros where it has nothing to say. */
  public static boolean isPlain(ByteBuffer header) {
    return header.get(1) == 0 && header.getShort(2) == 0 && header.getInt(4) == 0;
  }

  /** The length that a header tells, which may be anything. */
  public static int length(ByteBuffer header) {
    return header.getInt(8);
  }

  /** Sends a frame that is ready to be read from. */
  public void send(ByteBuffer frame) throws IOException {
    sending.lock();
    try {
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
    } finally {
      sending.unlock();
    }
  }

  /**
   * Waits for that many bytes.
   *
   * @throws EOFException where the other side is gone
   */
  public ByteBuffer receive(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the other side of the " + name + " is gone");
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
