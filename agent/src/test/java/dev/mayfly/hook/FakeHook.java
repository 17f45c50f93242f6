package dev.mayfly.hook;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The hook's end of its protocol, played by a test. */
final class FakeHook implements AutoCloseable {
  static final int ARGUMENT = 1;
  static final int VARIABLE = 2;
  static final int RESPONSE = 3;
  static final int SCRIPT = 4;
  static final int GO = 5;
  static final int SIGNAL = 6;
  static final int HELLO = 64;
  static final int STDOUT = 66;
  static final int STDERR = 67;
  static final int EXIT = 70;

  private final SocketChannel channel;

  private FakeHook(SocketChannel channel) {
    this.channel = channel;
  }

  static FakeHook connect(Path socket) throws IOException {
    return new FakeHook(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
  }

  /** A frame of the supervisor's. */
  record Frame(int type, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }
  }

  /** The bytes of a frame. */
  static byte[] frame(int type, byte... payload) {
    return ByteBuffer.allocate(12 + payload.length)
        .put((byte) type)
        .put(new byte[7])
        .putInt(payload.length)
        .put(payload)
        .array();
  }

  static byte[] frame(int type, String payload) {
    return frame(type, payload.getBytes(StandardCharsets.UTF_8));
  }

  FakeHook send(byte[]... frames) throws IOException {
    for (byte[] frame : frames) {
      ByteBuffer left = ByteBuffer.wrap(frame);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }
    return this;
  }

  /** Sends a call that has nothing but its arguments. */
  FakeHook call(String... arguments) throws IOException {
    for (String argument : arguments) {
      send(frame(ARGUMENT, argument));
    }
    return send(frame(GO));
  }

  /** The next frame. */
  Frame receive() throws IOException {
    ByteBuffer header = ByteBuffer.wrap(read(12));
    int type = header.getInt();
    if ((type & 0xffffff) != 0 || header.getInt() != 0) {
      throw new AssertionError("reserved bytes are not zero");
    }
    return new Frame(type >>> 24, read(header.getInt()));
  }

  /** All that was written to a stream until the call ended, and how it ended. */
  record End(byte[] stdout, byte[] stderr, byte[] exit) {
    String messages() {
      return new String(stderr, StandardCharsets.UTF_8);
    }
  }

  /** Takes everything until the call ends. */
  End awaitEnd() throws IOException {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    while (true) {
      Frame frame = receive();
      switch (frame.type()) {
        case HELLO -> {}
        case STDOUT -> stdout.writeBytes(frame.payload());
        case STDERR -> stderr.writeBytes(frame.payload());
        case EXIT -> {
          return new End(stdout.toByteArray(), stderr.toByteArray(), frame.payload());
        }
        default -> throw new AssertionError("frame type " + frame.type());
      }
    }
  }

  private byte[] read(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException(
            "the supervisor hung up after " + Arrays.toString(buffer.flip().array()));
      }
    }
    return buffer.array();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
