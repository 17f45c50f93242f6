package dev.mayfly.sandbox;

import dev.mayfly.flow.Credit;
import dev.mayfly.sandbox.InitFrame.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/**
 * Turns what PID 1 writes, in pieces of any size, into frames. Nothing that arrives can make it
 * hold more than one frame. Not safe for use by several threads.
 */
final class InitFrameDecoder {
  private final byte[] header = new byte[InitFrame.HEADER];
  private int headerLength;
  private byte[] payload = new byte[0];
  private int payloadLength;

  /**
   * Takes further bytes.
   *
   * @throws InitProtocolException where they are not what PID 1 may send; nothing decoded later can
   *     be trusted
   */
  void feed(byte[] bytes, Consumer<InitFrame> frames) throws InitProtocolException {
    int at = 0;
    while (at < bytes.length) {
      if (headerLength < header.length) {
        int count = Math.min(header.length - headerLength, bytes.length - at);
        System.arraycopy(bytes, at, header, headerLength, count);
        headerLength += count;
        at += count;
        if (headerLength < header.length) {
          return;
        }
        payload = new byte[payloadSize()];
        payloadLength = 0;
      }
      int count = Math.min(payload.length - payloadLength, bytes.length - at);
      System.arraycopy(bytes, at, payload, payloadLength, count);
      payloadLength += count;
      at += count;
      if (payloadLength == payload.length) {
        headerLength = 0;
        frames.accept(decode());
      }
    }
  }

  private int payloadSize() throws InitProtocolException {
    ByteBuffer fields = ByteBuffer.wrap(header);
    if ((fields.getInt(0) & 0xffffff) != 0) {
      throw new InitProtocolException("reserved bytes are not zero");
    }
    int size = fields.getInt(8);
    if (size < 0 || size > InitFrame.MAX_PAYLOAD) {
      throw new InitProtocolException("payload of " + Integer.toUnsignedLong(size) + " bytes");
    }
    return size;
  }

  private InitFrame decode() throws InitProtocolException {
    int type = header[0] & 0xff;
    int command = ByteBuffer.wrap(header).getInt(4);
    ByteBuffer fields = ByteBuffer.wrap(payload);
    return switch (type) {
      case 64 -> {
        expect(8);
        yield new InitFrame.Hello(
            fields.getInt(), Duration.ofSeconds(Integer.toUnsignedLong(fields.getInt())));
      }
      case 65 -> {
        expect(4);
        yield new InitFrame.Started(command, fields.getInt());
      }
      case 66 -> new InitFrame.Output(command, Stream.STDOUT, payload);
      case 67 -> new InitFrame.Output(command, Stream.STDERR, payload);
      case 68 -> {
        expect(4);
        int bytes = fields.getInt();
        if (bytes <= 0 || bytes > Credit.MAX) {
          throw new InitProtocolException("credit of " + Integer.toUnsignedLong(bytes) + " bytes");
        }
        yield new InitFrame.InputCredit(command, bytes);
      }
      case 69 -> exited(command, fields);
      case 70 -> {
        expect(5);
        yield new InitFrame.SpawnFailed(command, step(fields.get()), fields.getInt());
      }
      case 71 -> new InitFrame.Pong(payload);
      case 72 -> {
        expect(1);
        if (fields.get() != 1) {
          throw new InitProtocolException("unknown notice");
        }
        yield new InitFrame.LifetimeReached();
      }
      case 73 -> {
        expect(0);
        yield new InitFrame.Killed();
      }
      default -> throw new InitProtocolException("unknown frame type " + type);
    };
  }

  private InitFrame exited(int command, ByteBuffer fields) throws InitProtocolException {
    expect(26);
    int kind = fields.get();
    int value = fields.get() & 0xff;
    if (kind < 0 || kind > 1 || (kind == 1 && (value < 1 || value > 64))) {
      throw new InitProtocolException("exit of kind " + kind + " with " + value);
    }
    Duration user = micros(fields.getLong());
    Duration system = micros(fields.getLong());
    long kib = fields.getLong();
    if (kib < 0 || kib > Long.MAX_VALUE >> 10) {
      throw new InitProtocolException("impossible resident size");
    }
    return new InitFrame.Exited(command, kind == 1, value, user, system, kib << 10);
  }

  private static Duration micros(long value) throws InitProtocolException {
    if (value < 0) {
      throw new InitProtocolException("impossible processor time");
    }
    return Duration.of(value, ChronoUnit.MICROS);
  }

  private static InitFrame.Step step(byte value) throws InitProtocolException {
    return switch (value) {
      case 1 -> InitFrame.Step.RESOURCES;
      case 2 -> InitFrame.Step.IDENTITY;
      case 3 -> InitFrame.Step.DIRECTORY;
      case 4 -> InitFrame.Step.EXEC;
      default -> throw new InitProtocolException("unknown step " + value);
    };
  }

  private void expect(int size) throws InitProtocolException {
    if (payload.length != size) {
      throw new InitProtocolException(
          "frame type " + (header[0] & 0xff) + " with " + payload.length + " bytes, not " + size);
    }
  }
}
