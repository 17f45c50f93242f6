package dev.mayfly.monitor;

import java.nio.charset.StandardCharsets;

/** Bytes from a sandbox as text, so that different bytes never read alike. */
final class ForeignText {
  private ForeignText() {}

  /** UTF-8; a byte that is none of it becomes {@code \xNN}. */
  static String of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  static String of(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] < 0) {
        return decoded(bytes, from, to);
      }
    }
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }

  private static String decoded(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder(to - from + 16);
    for (int at = from; at < to; ) {
      int length = sequence(bytes, at, to);
      if (length == 0) {
        text.append("\\x").append("%02x".formatted(bytes[at] & 0xff));
        at++;
      } else {
        text.append(new String(bytes, at, length, StandardCharsets.UTF_8));
        at += length;
      }
    }
    return text.toString();
  }

  /** How many bytes the character here has (RFC 3629); 0 where it is none. */
  private static int sequence(byte[] bytes, int at, int to) {
    int first = bytes[at] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0 || at + length > to) {
      return 0;
    }
    int second = bytes[at + 1] & 0xff;
    int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) {
      return 0;
    }
    for (int i = 2; i < length; i++) {
      if ((bytes[at + i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
