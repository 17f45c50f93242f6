package dev.mayfly.bpf;

import dev.mayfly.event.FileIdentity;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A copy of one record, which the next one replaces. Text may be hostile, lengths are checked. */
final class RecordBytes {
  /** The longest record. */
  private static final int MOST = EventLayout.EXEC_ARGV + EventLayout.ARGV_MAX;

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
    List<String> names = strings(at, length);
    StringBuilder path = new StringBuilder(length + 2);
    if (cut) {
      path.append('…');
    }
    for (String name : names.reversed()) {
      // What lies in no tree has a root of its own above it.
      if (!name.isEmpty() && !name.equals("/")) {
        path.append('/').append(name);
      }
    }
    return path.isEmpty() ? "/" : path.toString();
  }

  /** UTF-8; a byte that is none becomes {@code \xNN}. */
  String text(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] < 0) {
        return decoded(from, to);
      }
    }
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private String decoded(int from, int to) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
    // At most one char for a byte, or four for one that is no text.
    CharBuffer out = CharBuffer.allocate(4 * (to - from));
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put("\\x%02x".formatted(in.get()));
      }
      decoder.reset();
    }
  }
}
