package dev.mayfly.control;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames over a connected socket. One thread may receive while others send; frames of several
 * senders do not mix.
 */
final class ControlConnection implements AutoCloseable {
  private final SocketChannel channel;
  private final ReentrantLock sending = new ReentrantLock();

  ControlConnection(SocketChannel channel) {
    this.channel = channel;
  }

  void send(ControlFrame frame) throws IOException {
    ByteBuffer bytes = frame.encoded();
    sending.lock();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } finally {
      sending.unlock();
    }
  }

  /**
   * Waits for the next frame.
   *
   * @throws EOFException where the other side is gone
   */
  ControlFrame receive() throws IOException {
    ByteBuffer header = filled(ControlFrame.HEADER);
    int length = ControlFrame.payloadLength(header);
    return ControlFrame.decode(header, filled(length).array());
  }

  private ByteBuffer filled(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the other side of the control connection is gone");
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
