package dev.mayfly.control;

import dev.mayfly.flow.FrameChannel;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Frames of the control protocol over a connected socket. */
final class ControlConnection implements AutoCloseable {
  private final FrameChannel channel;

  ControlConnection(SocketChannel channel) {
    this.channel = new FrameChannel(channel, "control connection");
  }

  void send(ControlFrame frame) throws IOException {
    channel.send(frame.encoded());
  }

  /**
   * Waits for the next frame.
   *
   * @throws EOFException where the other side is gone
   */
  ControlFrame receive() throws IOException {
    ByteBuffer header = channel.receive(FrameChannel.HEADER);
    int length = ControlFrame.payloadLength(header);
    return ControlFrame.decode(header, channel.receive(length).array());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
