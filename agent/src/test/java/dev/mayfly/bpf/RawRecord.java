package dev.mayfly.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** One record of the ring, made by hand. */
final class RawRecord {
  static final long SANDBOX = 7L << 32 | 3;
  private static final int DEVICE = 259 << 20 | 2;

  private final ByteBuffer bytes;

  private RawRecord(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** With a header that tells {@link EventDecoderTest#STAMP}. */
  static RawRecord of(int type, int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    return new RawRecord(bytes)
        .u16(EventLayout.EVENT_TYPE, type)
        .u32(EventLayout.EVENT_BYTES, size)
        .u64(EventLayout.EVENT_SANDBOX, SANDBOX)
        .u64(EventLayout.EVENT_SEQ, 1005)
        .u64(EventLayout.EVENT_TIME, 123_456_789_012L)
        .u32(EventLayout.EVENT_TGID, 4000)
        .u32(EventLayout.EVENT_TID, 4001)
        .u64(EventLayout.EVENT_START, 99_000L)
        .u32(EventLayout.EVENT_PPID, 3999)
        .u32(EventLayout.EVENT_UID, 100_000)
        .u32(EventLayout.EVENT_GID, 100_001)
        .u32(EventLayout.EVENT_SID, 3990)
        .text(EventLayout.EVENT_COMM, "sh");
  }

  RawRecord flags(int flags) {
    return u16(EventLayout.EVENT_FLAGS, flags);
  }

  RawRecord u16(int at, int value) {
    bytes.putShort(at, (short) value);
    return this;
  }

  RawRecord u32(int at, int value) {
    bytes.putInt(at, value);
    return this;
  }

  RawRecord u64(int at, long value) {
    bytes.putLong(at, value);
    return this;
  }

  RawRecord raw(int at, byte... value) {
    bytes.put(at, value);
    return this;
  }

  RawRecord text(int at, String value) {
    return raw(at, value.getBytes(StandardCharsets.UTF_8));
  }

  /** That of {@link EventDecoderTest#FILE}. */
  RawRecord file(int at) {
    return u32(at, DEVICE)
        .u32(at + EventLayout.FILE_ID_LINKS, 1)
        .u64(at + EventLayout.FILE_ID_INODE, 77)
        .u64(at + EventLayout.FILE_ID_PARENT, 76)
        .u64(at + EventLayout.FILE_ID_MAGIC, 0xef53);
  }

  /** Names, each with its NUL, and how many bytes they take. */
  RawRecord chain(int at, int sizeAt, String... names) {
    String all = String.join("\0", names) + (names.length == 0 ? "" : "\0");
    return text(at, all).u16(sizeAt, all.getBytes(StandardCharsets.UTF_8).length);
  }

  ByteBuffer bytes() {
    return bytes;
  }

  Decoded decoded() {
    return decoded(SystemCalls.of("amd64"));
  }

  Decoded decoded(SystemCalls calls) {
    return new EventDecoder(calls, 4096).decode(bytes, 0, bytes.capacity(), 1000);
  }
}
