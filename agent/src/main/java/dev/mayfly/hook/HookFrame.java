package dev.mayfly.hook;

import dev.mayfly.flow.FrameChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One frame of the hook protocol, version 1 ({@code docs/hook-protocol.md}). */
sealed interface HookFrame {
  int VERSION = 1;

  /** What carries bytes of a stream or a file. */
  int MAX_BYTES = 64 << 10;

  /** An argument of the hook; the first one is the call. */
  record Argument(byte[] text) implements HookFrame {}

  /** {@code NAME=VALUE} of the hook's environment. */
  record Variable(byte[] text) implements HookFrame {}

  /** Bytes of the file that tells of the job. */
  record Response(byte[] bytes) implements HookFrame {}

  /** Bytes of the script to run. */
  record Script(byte[] bytes) implements HookFrame {}

  /** All of the request is sent. */
  record Go() implements HookFrame {}

  /** The hook got a signal. */
  record Signal(int number) implements HookFrame {}

  /** The supervisor's first frame. */
  static ByteBuffer hello(String mayflyVersion) {
    byte[] text = mayflyVersion.getBytes(StandardCharsets.UTF_8);
    return FrameChannel.frame(64, 4 + text.length).putInt(VERSION).put(text).flip();
  }

  /** Output for one of the hook's streams, at most {@link #MAX_BYTES} bytes of it. */
  static ByteBuffer output(Stream stream, byte[] bytes, int offset, int length) {
    return FrameChannel.frame(stream.code, length).put(bytes, offset, length).flip();
  }

  /** The supervisor's last frame. */
  static ByteBuffer exit(HookExit how) {
    int kind =
        switch (how) {
          case HookExit.Success _ -> 0;
          case HookExit.JobFailed _ -> 1;
          case HookExit.SystemFailed _ -> 2;
        };
    int code = how instanceof HookExit.JobFailed failed ? failed.code() : 0;
    return FrameChannel.frame(70, 5).put((byte) kind).putInt(code).flip();
  }

  /** A stream that the hook writes to. */
  enum Stream {
    STDOUT(66),
    STDERR(67);

    private final int code;

    Stream(int code) {
      this.code = code;
    }
  }

  /**
   * How long the payload is that follows a header.
   *
   * @throws HookProtocolException where there is no such frame
   */
  static int payloadLength(ByteBuffer header) throws HookProtocolException {
    Type type = Type.of(header.get(0));
    if (!FrameChannel.isPlain(header)) {
      throw new HookProtocolException("reserved header bytes that are not zero");
    }
    int length = FrameChannel.length(header);
    if (length < type.least || length > type.most) {
      throw new HookProtocolException(type.word() + " with a payload of " + length + " bytes");
    }
    return length;
  }

  /** The frame of a header and its payload, whose length is as the header says. */
  static HookFrame decode(ByteBuffer header, byte[] payload) throws HookProtocolException {
    return switch (Type.of(header.get(0))) {
      case ARGUMENT -> new Argument(payload);
      case VARIABLE -> new Variable(payload);
      case RESPONSE -> new Response(payload);
      case SCRIPT -> new Script(payload);
      case GO -> new Go();
      case SIGNAL -> {
        if (payload[0] < 1 || payload[0] > 64) {
          throw new HookProtocolException("signal " + payload[0]);
        }
        yield new Signal(payload[0]);
      }
    };
  }

  /** A frame's type, and how long its payload may be. */
  enum Type {
    ARGUMENT(1, 0, 4 << 10),
    VARIABLE(2, 1, 128 << 10),
    RESPONSE(3, 0, MAX_BYTES),
    SCRIPT(4, 0, MAX_BYTES),
    GO(5, 0, 0),
    SIGNAL(6, 1, 1);

    private final int code;
    private final int least;
    private final int most;

    Type(int code, int least, int most) {
      this.code = code;
      this.least = least;
      this.most = most;
    }

    private static Type of(byte code) throws HookProtocolException {
      for (Type type : values()) {
        if (type.code == code) {
          return type;
        }
      }
      throw new HookProtocolException("frame type " + code);
    }

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
