package dev.mayfly.control;

import dev.mayfly.flow.FrameChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One frame of the control protocol, version 1 ({@code docs/control-protocol.md}). */
sealed interface ControlFrame {
  int VERSION = 1;

  /** What carries bytes of a stream. */
  int MAX_BYTES = 64 << 10;

  /** A request, with arguments and environment as long as the kernel takes them. */
  int MAX_REQUEST = 8 << 20;

  int STDOUT = 1;
  int STDERR = 2;

  /** Asks for a command; JSON of an {@link ExecRequest}. */
  record Exec(byte[] json) implements ControlFrame {}

  /** Input of the command; none is its end. */
  record Stdin(byte[] bytes) implements ControlFrame {}

  /** That many bytes of an output stream more may be sent. */
  record OutputCredit(int stream, int bytes) implements ControlFrame {}

  /** Nobody reads an output stream any more. */
  record ReaderGone(int stream) implements ControlFrame {}

  /** A signal for the command. */
  record Signal(int number) implements ControlFrame {}

  /** The terminal's new size. */
  record Resize(int rows, int columns) implements ControlFrame {}

  /** The first frame of a supervisor. */
  record Hello(int version, String mayflyVersion) implements ControlFrame {}

  /** Output of the command. */
  record Output(int stream, byte[] bytes) implements ControlFrame {}

  /** That many bytes of input more may be sent. */
  record InputCredit(int bytes) implements ControlFrame {}

  /** A line of Mayfly's own. */
  record Message(String line) implements ControlFrame {}

  /** The last frame: what {@code mayfly exec} is to exit with. */
  record Done(int exitCode) implements ControlFrame {}

  private static ByteBuffer frame(Type type, int length) {
    return FrameChannel.frame(type.code, length);
  }

  /** The frame as it is sent. */
  default ByteBuffer encoded() {
    ByteBuffer buffer =
        switch (this) {
          case Exec exec -> frame(Type.EXEC, exec.json.length).put(exec.json);
          case Stdin stdin -> frame(Type.STDIN, stdin.bytes.length).put(stdin.bytes);
          case OutputCredit credit ->
              frame(Type.OUTPUT_CREDIT, 5).put((byte) credit.stream).putInt(credit.bytes);
          case ReaderGone gone -> frame(Type.READER_GONE, 1).put((byte) gone.stream);
          case Signal signal -> frame(Type.SIGNAL, 1).put((byte) signal.number);
          case Resize size ->
              frame(Type.RESIZE, 4).putShort((short) size.rows).putShort((short) size.columns);
          case Hello hello -> {
            byte[] text = hello.mayflyVersion.getBytes(StandardCharsets.UTF_8);
            yield frame(Type.HELLO, 4 + text.length).putInt(hello.version).put(text);
          }
          case Output output ->
              frame(output.stream == STDOUT ? Type.STDOUT : Type.STDERR, output.bytes.length)
                  .put(output.bytes);
          case InputCredit credit -> frame(Type.INPUT_CREDIT, 4).putInt(credit.bytes);
          case Message message -> {
            byte[] text = message.line.getBytes(StandardCharsets.UTF_8);
            int length = Math.min(text.length, MAX_BYTES);
            yield frame(Type.MESSAGE, length).put(text, 0, length);
          }
          case Done done -> frame(Type.DONE, 4).putInt(done.exitCode);
        };
    return buffer.flip();
  }

  /**
   * How long the payload is that follows a header.
   *
   * @throws ControlProtocolException where there is no such frame
   */
  static int payloadLength(ByteBuffer header) throws ControlProtocolException {
    Type type = Type.of(header.get(0));
    if (!FrameChannel.isPlain(header)) {
      throw new ControlProtocolException("reserved header bytes that are not zero");
    }
    int length = FrameChannel.length(header);
    if (length < type.least || length > type.most) {
      throw new ControlProtocolException(type + " with a payload of " + length + " bytes");
    }
    return length;
  }

  /** The frame of a header and its payload. */
  static ControlFrame decode(ByteBuffer header, byte[] payload) throws ControlProtocolException {
    ByteBuffer fields = ByteBuffer.wrap(payload);
    return switch (Type.of(header.get(0))) {
      case EXEC -> new Exec(payload);
      case STDIN -> new Stdin(payload);
      case OUTPUT_CREDIT -> new OutputCredit(stream(fields.get()), positive(fields.getInt()));
      case READER_GONE -> new ReaderGone(stream(fields.get()));
      case SIGNAL -> {
        int number = fields.get();
        if (number < 1 || number > 64) {
          throw new ControlProtocolException("signal " + number);
        }
        yield new Signal(number);
      }
      case RESIZE -> new Resize(fields.getShort() & 0xffff, fields.getShort() & 0xffff);
      case HELLO ->
          new Hello(
              fields.getInt(), new String(payload, 4, payload.length - 4, StandardCharsets.UTF_8));
      case STDOUT -> new Output(STDOUT, payload);
      case STDERR -> new Output(STDERR, payload);
      case INPUT_CREDIT -> new InputCredit(positive(fields.getInt()));
      case MESSAGE -> new Message(new String(payload, StandardCharsets.UTF_8));
      case DONE -> new Done(fields.getInt());
    };
  }

  private static int stream(byte number) throws ControlProtocolException {
    if (number != STDOUT && number != STDERR) {
      throw new ControlProtocolException("stream " + number);
    }
    return number;
  }

  private static int positive(int bytes) throws ControlProtocolException {
    if (bytes <= 0) {
      throw new ControlProtocolException("credit of " + bytes + " bytes");
    }
    return bytes;
  }

  /** A frame's type, and how long its payload may be. */
  enum Type {
    EXEC(1, 2, MAX_REQUEST),
    STDIN(2, 0, MAX_BYTES),
    OUTPUT_CREDIT(3, 5, 5),
    SIGNAL(4, 1, 1),
    RESIZE(5, 4, 4),
    READER_GONE(6, 1, 1),
    HELLO(64, 4, 256),
    STDOUT(66, 0, MAX_BYTES),
    STDERR(67, 0, MAX_BYTES),
    INPUT_CREDIT(68, 4, 4),
    MESSAGE(69, 0, MAX_BYTES),
    DONE(70, 4, 4);

    private final int code;
    private final int least;
    private final int most;

    Type(int code, int least, int most) {
      this.code = code;
      this.least = least;
      this.most = most;
    }

    static Type of(byte code) throws ControlProtocolException {
      for (Type type : values()) {
        if (type.code == code) {
          return type;
        }
      }
      throw new ControlProtocolException("frame type " + code);
    }
  }
}
