package dev.mayfly.dns;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A name as messages carry it: labels of any bytes (RFC 2181, section 11), in the case that was
 * sent. Names are equal whatever their case (RFC 4343).
 */
public final class DnsName {
  private static final int LONGEST = 255;
  private static final int LONGEST_LABEL = 63;
  private static final int POINTER = 0xc0;

  private final byte[] wire;
  private final byte[] folded;

  private DnsName(byte[] wire) {
    this.wire = wire;
    this.folded = folded(wire);
  }

  /**
   * Reads a name that may be compressed (RFC 1035, section 4.1.4), and moves the buffer behind it.
   * Pointers have to go back, each further than the one before, so that reading ends.
   *
   * @param message whose index 0 is the first byte of the message
   */
  static DnsName read(ByteBuf message) {
    byte[] name = new byte[LONGEST];
    int length = 0;
    int at = message.readerIndex();
    int lowest = at;
    int end = -1;
    while (true) {
      int size = byteAt(message, at);
      if ((size & POINTER) == POINTER) {
        int target = (size & ~POINTER) << 8 | byteAt(message, at + 1);
        end = end < 0 ? at + 2 : end;
        if (target >= lowest) {
          throw new MalformedDnsException("a name points forward");
        }
        lowest = target;
        at = target;
      } else if (size > LONGEST_LABEL || length + 1 + size > LONGEST) {
        throw new MalformedDnsException("a label or a name is too long");
      } else if (at + size >= message.writerIndex()) {
        throw new MalformedDnsException("a name ends early");
      } else {
        message.getBytes(at, name, length, 1 + size);
        length += 1 + size;
        at += 1 + size;
        if (size == 0) {
          message.readerIndex(end < 0 ? at : end);
          return new DnsName(Arrays.copyOf(name, length));
        }
      }
    }
  }

  private static int byteAt(ByteBuf message, int index) {
    if (index >= message.writerIndex()) {
      throw new MalformedDnsException("a name ends early");
    }
    return message.getUnsignedByte(index);
  }

  /** The same name in the one case in which nobody can hide anything. */
  public DnsName inLowerCase() {
    return new DnsName(folded);
  }

  /**
   * A name of letters, digits, hyphens and underscores.
   *
   * @throws IllegalArgumentException where a label is empty or too long, or the name is
   */
  public static DnsName of(String text) {
    byte[] wire = new byte[text.length() + 2];
    int at = 0;
    for (String label : text.split("\\.", -1)) {
      byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
      if (bytes.length == 0 || bytes.length > LONGEST_LABEL) {
        throw new IllegalArgumentException("a label has 1 to 63 letters");
      }
      wire[at++] = (byte) bytes.length;
      System.arraycopy(bytes, 0, wire, at, bytes.length);
      at += bytes.length;
    }
    if (wire.length > LONGEST) {
      throw new IllegalArgumentException("a name has at most 253 letters");
    }
    return new DnsName(wire);
  }

  /** Bytes on the wire, without compression. */
  public int size() {
    return wire.length;
  }

  void write(ByteBuf to) {
    to.writeBytes(wire);
  }

  byte[] bytes() {
    return wire.clone();
  }

  /**
   * The labels in lower case, from the left; bytes that are no letters of ASCII as RFC 4343 has.
   */
  public List<String> labels() {
    List<String> labels = new ArrayList<>();
    for (int at = 0; folded[at] != 0; at += 1 + folded[at]) {
      labels.add(label(at + 1, folded[at]));
    }
    return labels;
  }

  private String label(int from, int size) {
    StringBuilder label = new StringBuilder(size);
    for (int i = from; i < from + size; i++) {
      int octet = folded[i] & 0xff;
      if (octet == '.' || octet == '\\') {
        label.append('\\').append((char) octet);
      } else if (octet > ' ' && octet < 0x7f) {
        label.append((char) octet);
      } else {
        label.append(String.format(Locale.ROOT, "\\%03d", octet));
      }
    }
    return label.toString();
  }

  /** In lower case, without the final dot; a single dot for the root. */
  public String text() {
    return wire.length == 1 ? "." : String.join(".", labels());
  }

  /** Whether this is the other name or one below it. */
  public boolean isWithin(DnsName other) {
    for (int at = 0; folded.length - at >= other.folded.length; at += 1 + folded[at]) {
      if (Arrays.equals(folded, at, folded.length, other.folded, 0, other.folded.length)) {
        return true;
      }
      if (folded[at] == 0) {
        break;
      }
    }
    return false;
  }

  /** Lengths of labels are below the letters, so that they stay what they are. */
  private static byte[] folded(byte[] wire) {
    byte[] folded = wire.clone();
    for (int i = 0; i < folded.length; i++) {
      if (folded[i] >= 'A' && folded[i] <= 'Z') {
        folded[i] = (byte) (folded[i] + ('a' - 'A'));
      }
    }
    return folded;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DnsName name && Arrays.equals(folded, name.folded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(folded);
  }

  @Override
  public String toString() {
    return text();
  }
}
