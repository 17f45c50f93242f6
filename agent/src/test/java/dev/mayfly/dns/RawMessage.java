package dev.mayfly.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.NullMarked;

/** Writes DNS messages byte by byte, wrong ones too, with nothing of what is tested. */
@NullMarked
public final class RawMessage {
  public static final int A = 1;
  public static final int NS = 2;
  public static final int CNAME = 5;
  public static final int SOA = 6;
  public static final int NULL = 10;
  public static final int PTR = 12;
  public static final int TXT = 16;
  public static final int AAAA = 28;
  public static final int OPT = 41;
  public static final int HTTPS = 65;
  public static final int AXFR = 252;
  public static final int ANY = 255;

  private static final int QUERY = 0x0100;
  private static final int RESPONSE = 0x8180;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final int[] counts = new int[4];
  private int id;
  private int flags;

  private RawMessage(int id, int flags) {
    this.id = id;
    this.flags = flags;
  }

  public static RawMessage query(int id, String name, int type) {
    return new RawMessage(id, QUERY).question(name, type);
  }

  /** A response to the question that a query's bytes have. */
  public static RawMessage response(byte[] query) {
    RawMessage made = new RawMessage((query[0] & 0xff) << 8 | (query[1] & 0xff), RESPONSE);
    made.bytes.write(query, 12, questionEnd(query) - 12);
    made.counts[0] = 1;
    return made;
  }

  public static int questionEnd(byte[] query) {
    int at = 12;
    while (query[at] != 0) {
      at += 1 + query[at];
    }
    return at + 5;
  }

  /** The name of a query's question, in its case. */
  public static String name(byte[] query) {
    StringBuilder name = new StringBuilder();
    for (int at = 12; query[at] != 0; at += 1 + query[at]) {
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(query, at + 1, query[at], StandardCharsets.ISO_8859_1));
    }
    return name.toString();
  }

  public static int type(byte[] query) {
    int end = questionEnd(query);
    return (query[end - 4] & 0xff) << 8 | (query[end - 3] & 0xff);
  }

  public RawMessage id(int given) {
    id = given;
    return this;
  }

  public RawMessage flag(int bits) {
    flags |= bits;
    return this;
  }

  public RawMessage code(int code) {
    flags = (flags & ~0xf) | code;
    return this;
  }

  public RawMessage truncated() {
    return flag(0x0200);
  }

  public RawMessage question(String name, int type) {
    raw(name(name));
    u16(type);
    u16(1);
    counts[0]++;
    return this;
  }

  public RawMessage edns(int payload) {
    return edns(payload, 0);
  }

  public RawMessage edns(int payload, int version) {
    bytes.write(0);
    u16(OPT);
    u16(payload);
    u16(version);
    u16(0);
    u16(0);
    counts[3]++;
    return this;
  }

  public RawMessage answer(String owner, int type, long ttl, byte... data) {
    return record(1, name(owner), type, ttl, data);
  }

  public RawMessage address(String owner, String address, long ttl) {
    byte[] data = InetAddress.ofLiteral(address).getAddress();
    return answer(owner, data.length == 4 ? A : AAAA, ttl, data);
  }

  public RawMessage alias(String owner, String target) {
    return answer(owner, CNAME, 60, name(target));
  }

  public RawMessage authority(String owner, int type, long ttl, byte... data) {
    return record(2, name(owner), type, ttl, data);
  }

  /**
   * Adds a record.
   *
   * @param section 1 for answers, 2 for authority, 3 for additional
   */
  public RawMessage record(int section, byte[] owner, int type, long ttl, byte... data) {
    raw(owner);
    u16(type);
    u16(1);
    u16((int) (ttl >> 16));
    u16((int) ttl);
    u16(data.length);
    raw(data);
    counts[section]++;
    return this;
  }

  public RawMessage counted(int section, int count) {
    counts[section] = count;
    return this;
  }

  public RawMessage raw(byte... some) {
    bytes.writeBytes(some);
    return this;
  }

  private void u16(int value) {
    bytes.write(value >> 8);
    bytes.write(value);
  }

  public static byte[] name(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String label : text.isEmpty() ? new String[0] : text.split("\\.", -1)) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
    }
    out.write(0);
    return out.toByteArray();
  }

  /** SOA data with the seconds for which nothing may be remembered. */
  public static byte[] soa(int minimum) {
    byte[] name = name("ns.example.org");
    byte[] data = Arrays.copyOf(name, 2 * name.length + 20);
    System.arraycopy(name, 0, data, name.length, name.length);
    for (int i = 0; i < 4; i++) {
      data[data.length - 1 - i] = (byte) (minimum >> (8 * i));
    }
    return data;
  }

  public byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int value : new int[] {id, flags, counts[0], counts[1], counts[2], counts[3]}) {
      all.write(value >> 8);
      all.write(value);
    }
    all.writeBytes(bytes.toByteArray());
    return all.toByteArray();
  }
}
