package dev.mayfly.bpf;

import dev.mayfly.event.FileIdentity;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A copy of one record, which the next one replaces. Text may be hostile, lengths are checked. */
final class RecordBytes {
  /** The longest record. */
  private static final int MOST = EventLayout.EXEC_ARGV + EventLayout.ARGV_MAX;

  private static final HexFormat HEX = HexFormat.of();
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final byte[] bytes = new byte[MOST];
  private int size;

  private static VarHandle view(Class<?> of) {
    return MethodHandles.byteArrayViewVarHandle(of, ByteOrder.nativeOrder());
  }

  /** Takes as much of the record as there is room for. */
  void take(ByteBuffer records, int at, int length) {
    size = Math.min(length, MOST);
    records.get(at, bytes, 0, size);
  }

  int size() {
    return size;
  }

  int u16(int at) {
    return Short.toUnsignedInt((short) SHORT.get(bytes, at));
  }

  int i32(int at) {
    return (int) INT.get(bytes, at);
  }

  long i64(int at) {
    return (long) LONG.get(bytes, at);
  }

  byte[] copy(int at, int length) {
    byte[] part = new byte[length];
    System.arraycopy(bytes, at, part, 0, length);
    return part;
  }

  FileIdentity file(int at) {
    return new FileIdentity(
        i32(at),
        i64(at + EventLayout.FILE_ID_INODE),
        i32(at + EventLayout.FILE_ID_LINKS),
        i64(at + EventLayout.FILE_ID_PARENT),
        i64(at + EventLayout.FILE_ID_MAGIC));
  }

  /** Up to the first NUL. */
  String string(int at, int most) {
    return text(at, end(at, at + most));
  }

  private int end(int at, int limit) {
    int end = at;
    while (end < limit && bytes[end] != 0) {
      end++;
    }
    return end;
  }

  /** Strings that each end with a NUL; the last one may lack it. */
  List<String> strings(int at, int length) {
    List<String> all = new ArrayList<>();
    int limit = at + length;
    for (int from = at; from < limit; ) {
      int end = end(from, limit);
      all.add(text(from, end));
      from = end + 1;
    }
    return all;
  }

  /** The path of a chain, which names the file first and the root's entry last. */
  String path(int at, int length, boolean cut) {
    byte[] path = new byte[length + 1];
    int size = 0;
    int end = at + length;
    for (int i = end - 1; i >= at - 1; i--) {
      if (i < at || bytes[i] == 0) {
        int named = end - i - 1;
        // What lies in no tree has a root of its own above it, without a name.
        if (named > 1 || (named == 1 && bytes[i + 1] != '/')) {
          path[size++] = '/';
          System.arraycopy(bytes, i + 1, path, size, named);
          size += named;
        }
        end = i;
      }
    }
    String text = text(path, 0, size);
    if (cut) {
      return "…" + text;
    }
    return text.isEmpty() ? "/" : text;
  }

  String text(int from, int to) {
    return text(bytes, from, to);
  }

  /** UTF-8; a byte that is none becomes {@code \xNN}. */
  private static String text(byte[] bytes, int from, int to) {
    if (from == to) {
      return "";
    }
    for (int i = from; i < to; i++) {
      if (bytes[i] < 0) {
        return decoded(bytes, from, to);
      }
    }
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** Takes the same time for whatever bytes: a job chooses them, and all wait for the reader. */
  private static String decoded(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder(to - from);
    for (int i = from; i < to; ) {
      int point = codePoint(bytes, i, to);
      if (point >= 0) {
        text.appendCodePoint(point);
        i += bytesOf(point);
      } else {
        text.append("\\x");
        HEX.toHexDigits(text, bytes[i++]);
      }
    }
    return text.toString();
  }

  private static int bytesOf(int point) {
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }

  /** What begins there by RFC 3629, or -1. */
  private static int codePoint(byte[] bytes, int at, int to) {
    int first = Byte.toUnsignedInt(bytes[at]);
    if (first < 0x80) {
      return first;
    }
    int more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first < 0xc0 || first >= 0xf8 || at + more >= to) {
      return -1;
    }
    int point = first & (0x3f >> more);
    for (int i = at + 1; i <= at + more; i++) {
      if ((bytes[i] & 0xc0) != 0x80) {
        return -1;
      }
      point = point << 6 | (bytes[i] & 0x3f);
    }
    boolean shortest = bytesOf(point) == more + 1;
    boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    return shortest && !surrogate && Character.isValidCodePoint(point) ? point : -1;
  }
}
