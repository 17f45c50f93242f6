package dev.mayfly.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** One message to the kernel under construction, as netlink(7) lays it out. */
final class NetlinkMessage {
  static final int HEADER = 16;
  static final int REQUEST = 1;
  static final int ACK = 4;
  static final int DUMP = 0x300;
  static final int REPLACE = 0x100;
  static final int EXCLUSIVE = 0x200;
  static final int CREATE = 0x400;

  private static final int MOST = 4096;
  private static final int NESTED = 0x8000;
  private static final int TYPE_MASK = 0x3fff;

  private final ByteBuffer bytes = ByteBuffer.allocate(MOST).order(ByteOrder.nativeOrder());

  NetlinkMessage(int type, int flags) {
    bytes.putInt(0).putShort((short) type).putShort((short) (REQUEST | flags));
    bytes.putInt(0).putInt(0);
  }

  NetlinkMessage u8(int... values) {
    for (int value : values) {
      bytes.put((byte) value);
    }
    return this;
  }

  NetlinkMessage u16(int value) {
    bytes.putShort((short) value);
    return this;
  }

  NetlinkMessage u32(int value) {
    bytes.putInt(value);
    return this;
  }

  NetlinkMessage attribute(int type, byte[] value) {
    bytes.putShort((short) (4 + value.length)).putShort((short) type).put(value);
    while (bytes.position() % 4 != 0) {
      bytes.put((byte) 0);
    }
    return this;
  }

  NetlinkMessage attribute(int type, int value) {
    return attribute(
        type, ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array());
  }

  /** In network byte order, as netfilter's are. */
  NetlinkMessage bigEndian(int type, int value) {
    return attribute(type, ByteBuffer.allocate(4).putInt(value).array());
  }

  NetlinkMessage text(int type, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    return attribute(type, Arrays.copyOf(text, text.length + 1));
  }

  /** What follows until {@link #end} belongs into this attribute. */
  int begin(int type) {
    int start = bytes.position();
    bytes.putShort((short) 0).putShort((short) (type | NESTED));
    return start;
  }

  /** As {@link #begin}, for kernels' older interfaces, which don't know the flag for nesting. */
  int beginUnflagged(int type) {
    int start = bytes.position();
    bytes.putShort((short) 0).putShort((short) type);
    return start;
  }

  NetlinkMessage end(int start) {
    bytes.putShort(start, (short) (bytes.position() - start));
    return this;
  }

  byte[] finish(int sequence) {
    bytes.putInt(0, bytes.position()).putInt(8, sequence);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  /** The attributes in what is left of the buffer; what is damaged ends the list. */
  static Map<Integer, ByteBuffer> attributes(ByteBuffer rest) {
    Map<Integer, ByteBuffer> found = new HashMap<>();
    int at = rest.position();
    while (at + 4 <= rest.limit()) {
      int length = Short.toUnsignedInt(rest.getShort(at));
      if (length < 4 || at + length > rest.limit()) {
        break;
      }
      found.put(
          rest.getShort(at + 2) & TYPE_MASK, rest.slice(at + 4, length - 4).order(rest.order()));
      at += (length + 3) & ~3;
    }
    return found;
  }

  /** A text that ends with its first zero byte, or with the attribute. */
  static String text(ByteBuffer value) {
    byte[] bytes = bytes(value);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    return bytes;
  }
}
