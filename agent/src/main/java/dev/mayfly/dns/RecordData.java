package dev.mayfly.dns;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DnsRecordType;
import java.util.Arrays;
import java.util.Optional;

/**
 * The data of a record, checked and without compression (RFC 1035, 2782, 3596, 8659, 9460).
 *
 * @param target the name that they are, for types whose data are one
 */
record RecordData(byte[] bytes, Optional<DnsName> target) {
  private static final RecordData NONE = new RecordData(new byte[0], Optional.empty());

  /**
   * @param in at the first byte of the data; where it stands afterwards is not told
   */
  static RecordData read(DnsRecordType type, ByteBuf in, int length) {
    int end = in.readerIndex() + length;
    return switch (type.intValue()) {
      case 1 -> exactly(4, in, length);
      case 28 -> exactly(16, in, length);
      case 2, 5, 12 -> name(in, end);
      case 15 -> withNames(2, 1, 0, in, end);
      case 33 -> withNames(6, 1, 0, in, end);
      case 6 -> withNames(0, 2, 20, in, end);
      case 16 -> text(in, length);
      case 257 -> plain(in, length);
      case 64, 65 ->
          ServiceBinding.cut(raw(in, length))
              .map(bytes -> new RecordData(bytes, Optional.empty()))
              .orElse(NONE);
      default -> NONE;
    };
  }

  private static byte[] raw(ByteBuf in, int length) {
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    return bytes;
  }

  private static RecordData plain(ByteBuf in, int length) {
    return new RecordData(raw(in, length), Optional.empty());
  }

  private static RecordData exactly(int size, ByteBuf in, int length) {
    if (length != size) {
      throw new MalformedDnsException("an address has the wrong length");
    }
    return plain(in, length);
  }

  private static RecordData name(ByteBuf in, int end) {
    DnsName name = DnsName.read(in);
    endsAt(in, end);
    return new RecordData(name.bytes(), Optional.of(name));
  }

  /** Some bytes, some names, some bytes. */
  private static RecordData withNames(int before, int names, int after, ByteBuf in, int end) {
    if (end - in.readerIndex() < before + names + after) {
      throw new MalformedDnsException("a record is too short");
    }
    byte[] data = Arrays.copyOf(raw(in, before), before + names * 255 + after);
    int at = before;
    for (int i = 0; i < names; i++) {
      byte[] name = DnsName.read(in).bytes();
      System.arraycopy(name, 0, data, at, name.length);
      at += name.length;
    }
    endsAt(in, end - after);
    in.readBytes(data, at, after);
    return new RecordData(Arrays.copyOf(data, at + after), Optional.empty());
  }

  private static RecordData text(ByteBuf in, int length) {
    byte[] strings = raw(in, length);
    int at = 0;
    while (at < length) {
      at += 1 + (strings[at] & 0xff);
    }
    if (at != length || length == 0) {
      throw new MalformedDnsException("a text record's strings do not fill it");
    }
    return new RecordData(strings, Optional.empty());
  }

  private static void endsAt(ByteBuf in, int end) {
    if (in.readerIndex() != end) {
      throw new MalformedDnsException("a name does not fill its record");
    }
  }
}
