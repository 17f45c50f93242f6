package dev.mayfly.sandbox;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** The frames of {@code docs/init-protocol.md}, between the supervisor and a sandbox's PID 1. */
public sealed interface InitFrame {
  int VERSION = 1;
  int HEADER = 12;
  int MAX_PAYLOAD = 64 << 10;
  int MAX_SPAWN = 4 << 20;

  /** An output stream of a command. */
  enum Stream {
    STDOUT(1),
    STDERR(2);

    private final int number;

    Stream(int number) {
      this.number = number;
    }
  }

  /** PID 1 runs. */
  record Hello(int version, Duration lifetime) implements InitFrame {}

  /** The command was executed. */
  record Started(int command, int pid) implements InitFrame {}

  /** Output of a command; empty at the end of the stream. */
  record Output(int command, Stream stream, byte[] bytes) implements InitFrame {}

  /** PID 1 takes further bytes of standard input. */
  record InputCredit(int command, int bytes) implements InitFrame {}

  /** The command's own process ended. */
  record Exited(
      int command,
      boolean bySignal,
      int value,
      Duration user,
      Duration system,
      long peakResidentBytes)
      implements InitFrame {
    /** The code a shell would give. */
    public int shellCode() {
      return bySignal ? 128 + value : value;
    }
  }

  /** The command was not executed. */
  record SpawnFailed(int command, Step step, int errno) implements InitFrame {}

  /** Answers a ping. */
  record Pong(byte[] bytes) implements InitFrame {}

  /** The lifetime is reached: the sandbox is ending. */
  record LifetimeReached() implements InitFrame {}

  /** No process but PID 1 is left. */
  record Killed() implements InitFrame {}

  /** What a spawn failed at. */
  enum Step {
    RESOURCES,
    IDENTITY,
    DIRECTORY,
    EXEC
  }

  /** Whom a signal is for. */
  enum Scope {
    PROCESS(0),
    GROUP(1),
    /** Every process but PID 1. */
    SANDBOX(2);

    private final int number;

    Scope(int number) {
      this.number = number;
    }
  }

  /** How a command's streams are made. */
  enum Mode {
    PIPES(0),
    PTY(1),
    MERGED(2);

    private final int number;

    Mode(int number) {
      this.number = number;
    }
  }

  /**
   * Encodes {@code SPAWN}.
   *
   * @throws SpawnTooLargeException where arguments and environment together exceed what a frame
   *     holds
   */
  static byte[] spawn(int command, CommandSpec spec) throws SpawnTooLargeException {
    long size = 4L * (5 + spec.groups().size()) + 1 + 4 + 4 + spec.directory().length;
    size += lengths(spec.arguments()) + lengths(spec.environment());
    if (size > MAX_SPAWN) {
      throw new SpawnTooLargeException(size);
    }
    ByteBuffer payload = ByteBuffer.allocate((int) size);
    payload.putInt(spec.uid()).putInt(spec.gid()).putInt(spec.groups().size());
    spec.groups().forEach(payload::putInt);
    payload.put((byte) spec.mode().number);
    payload.putShort((short) spec.rows()).putShort((short) spec.columns());
    putString(payload, spec.directory());
    putStrings(payload, spec.arguments());
    putStrings(payload, spec.environment());
    payload.flip();
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    return frame(1, command, bytes);
  }

  private static long lengths(List<byte[]> strings) {
    return strings.stream().mapToLong(string -> 4L + string.length).sum();
  }

  private static void putStrings(ByteBuffer target, List<byte[]> strings) {
    target.putInt(strings.size());
    strings.forEach(string -> putString(target, string));
  }

  private static void putString(ByteBuffer target, byte[] string) {
    target.putInt(string.length).put(string);
  }

  /** Input for a command, at most {@link #MAX_PAYLOAD} bytes; none to end it. */
  static byte[] stdin(int command, byte[] bytes) {
    return frame(2, command, bytes);
  }

  static byte[] outputCredit(int command, Stream stream, int bytes) {
    return frame(
        3, command, ByteBuffer.allocate(5).put((byte) stream.number).putInt(bytes).array());
  }

  /** Nobody reads the stream any more. */
  static byte[] outputUnread(int command, Stream stream) {
    return outputCredit(command, stream, 0);
  }

  static byte[] signal(int command, Scope scope, int number) {
    return frame(4, command, new byte[] {(byte) scope.number, (byte) number});
  }

  static byte[] resize(int command, int rows, int columns) {
    return frame(
        5,
        command,
        ByteBuffer.allocate(4).putShort((short) rows).putShort((short) columns).array());
  }

  static byte[] killAll() {
    return frame(6, 0, new byte[0]);
  }

  static byte[] ping(byte[] bytes) {
    return frame(7, 0, bytes);
  }

  private static byte[] frame(int type, int command, byte[] payload) {
    return ByteBuffer.allocate(HEADER + payload.length)
        .put((byte) type)
        .put(new byte[3])
        .putInt(command)
        .putInt(payload.length)
        .put(payload)
        .array();
  }
}
