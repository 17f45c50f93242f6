package dev.mayfly.sandbox;

import java.nio.ByteBuffer;

/** What a sandbox's PID 1 writes, by the tables of {@code docs/init-protocol.md}. */
public final class InitFrames {
  private InitFrames() {}

  static byte[] frame(int type, int command, byte[] payload) {
    return header(type, command, payload.length, payload);
  }

  /** With a length that may be a lie. */
  static byte[] header(int type, int command, int length, byte[] payload) {
    return ByteBuffer.allocate(12 + payload.length)
        .put((byte) type)
        .put(new byte[3])
        .putInt(command)
        .putInt(length)
        .put(payload)
        .array();
  }

  public static byte[] hello(int version, int lifetimeSeconds) {
    return frame(64, 0, ints(version, lifetimeSeconds));
  }

  public static byte[] started(int command, int pid) {
    return frame(65, command, ints(pid));
  }

  public static byte[] stdout(int command, byte[] bytes) {
    return frame(66, command, bytes);
  }

  public static byte[] stderr(int command, byte[] bytes) {
    return frame(67, command, bytes);
  }

  public static byte[] inputCredit(int command, int bytes) {
    return frame(68, command, ints(bytes));
  }

  public static byte[] exited(int command, int kind, int value) {
    return exited(command, kind, value, 1_500, 2_500, 3_000);
  }

  static byte[] exited(
      int command, int kind, int value, long userMicros, long systemMicros, long residentKib) {
    return frame(
        69,
        command,
        ByteBuffer.allocate(26)
            .put((byte) kind)
            .put((byte) value)
            .putLong(userMicros)
            .putLong(systemMicros)
            .putLong(residentKib)
            .array());
  }

  public static byte[] failed(int command, int step, int errno) {
    return frame(70, command, ByteBuffer.allocate(5).put((byte) step).putInt(errno).array());
  }

  static byte[] pong(byte[] bytes) {
    return frame(71, 0, bytes);
  }

  public static byte[] notice(int kind) {
    return frame(72, 0, new byte[] {(byte) kind});
  }

  public static byte[] killed() {
    return frame(73, 0, new byte[0]);
  }

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }
}
