package dev.mayfly.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes replies to clients, and questions to servers. */
public final class MessageWriter {
  /** What a UDP message may have without the risk of fragments (DNS flag day 2020). */
  public static final int PAYLOAD = 1232;

  private static final int HEADER = 12;
  private static final int RESPONSE = 0x8000;
  private static final int TRUNCATED = 0x200;
  private static final int RECURSION_DESIRED = 0x100;
  private static final int RECURSION_AVAILABLE = 0x80;
  private static final int CHECKING_DISABLED = 0x10;
  private static final int OPT_SIZE = 11;

  private MessageWriter() {}

  /**
   * What is sent back.
   *
   * @param ttl of all records, in seconds
   */
  public record Reply(
      DnsResponseCode code, List<WireRecord> answers, List<WireRecord> authority, long ttl) {
    public Reply {
      answers = List.copyOf(answers);
      authority = List.copyOf(authority);
    }

    public static Reply of(DnsResponseCode code) {
      return new Reply(code, List.of(), List.of(), 0);
    }
  }

  /**
   * The reply to a question.
   *
   * @param limit bytes that the message may have; where it would have more, it has no records and
   *     says that it is truncated
   * @return a buffer that is the caller's to release
   */
  public static ByteBuf reply(ByteBufAllocator memory, Question to, Reply reply, int limit) {
    ByteBuf out = memory.buffer(512);
    write(out, to, reply, 0);
    if (out.readableBytes() > limit) {
      out.clear();
      write(out, to, Reply.of(reply.code()), TRUNCATED);
    }
    return out;
  }

  private static void write(ByteBuf out, Question to, Reply reply, int flags) {
    out.writeShort(to.id());
    out.writeShort(
        RESPONSE
            | flags
            | (to.recursionDesired() ? RECURSION_DESIRED : 0)
            | RECURSION_AVAILABLE
            | (to.checkingDisabled() ? CHECKING_DISABLED : 0)
            | reply.code().intValue());
    out.writeShort(1);
    out.writeShort(reply.answers().size());
    out.writeShort(reply.authority().size());
    out.writeShort(to.payload().isPresent() ? 1 : 0);
    to.name().write(out);
    out.writeShort(to.type().intValue());
    out.writeShort(DnsRecord.CLASS_IN);
    Map<DnsName, Integer> places = new HashMap<>();
    places.put(to.name(), HEADER);
    for (List<WireRecord> section : List.of(reply.answers(), reply.authority())) {
      for (WireRecord record : section) {
        write(out, record, reply.ttl(), places);
      }
    }
    if (to.payload().isPresent()) {
      writeOpt(out);
    }
  }

  private static void write(
      ByteBuf out, WireRecord record, long ttl, Map<DnsName, Integer> places) {
    Integer place = places.get(record.owner());
    if (place == null) {
      record.owner().write(out);
    } else {
      out.writeShort(0xc000 | place);
    }
    out.writeShort(record.type().intValue());
    out.writeShort(DnsRecord.CLASS_IN);
    out.writeInt((int) ttl);
    out.writeShort(record.data().length);
    if (record.type().equals(DnsRecordType.CNAME) && out.writerIndex() < 0x3fff) {
      record.target().ifPresent(target -> places.putIfAbsent(target, out.writerIndex()));
    }
    out.writeBytes(record.data());
  }

  private static void writeOpt(ByteBuf out) {
    out.ensureWritable(OPT_SIZE);
    out.writeByte(0);
    out.writeShort(DnsRecordType.OPT.intValue());
    out.writeShort(PAYLOAD);
    out.writeInt(0);
    out.writeShort(0);
  }

  /** The reply to what was no question; it has only a header. */
  public static ByteBuf reply(ByteBufAllocator memory, Query.Unfit to) {
    int code = to.code().intValue();
    ByteBuf out = memory.buffer(HEADER + OPT_SIZE);
    out.writeShort(to.id());
    out.writeShort(RESPONSE | to.opCode() << 11 | (code & 0xf));
    out.writeZero(6);
    if (code > 0xf) {
      out.writeShort(1);
      writeOpt(out);
      out.setByte(HEADER + 5, code >> 4);
    } else {
      out.writeShort(0);
    }
    return out;
  }

  /** A question to a server that shall resolve it. */
  public static ByteBuf question(
      ByteBufAllocator memory, int id, DnsName name, DnsRecordType type) {
    ByteBuf out = memory.buffer(HEADER + name.size() + 4 + OPT_SIZE);
    out.writeShort(id);
    out.writeShort(RECURSION_DESIRED);
    out.writeShort(1);
    out.writeInt(0);
    out.writeShort(1);
    name.write(out);
    out.writeShort(type.intValue());
    out.writeShort(DnsRecord.CLASS_IN);
    writeOpt(out);
    return out;
  }
}
