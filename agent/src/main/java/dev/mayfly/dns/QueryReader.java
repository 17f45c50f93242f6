package dev.mayfly.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads queries of clients. Whatever comes, it ends in a {@link Query} and takes bounded work. */
public final class QueryReader {
  private static final int HEADER = 12;
  private static final int RESPONSE = 0x8000;

  /** More than any client asks; a question has at most 271 bytes. */
  private static final int LONGEST = 2048;

  private static final InetSocketAddress NOBODY = new InetSocketAddress(0);

  private QueryReader() {}

  /**
   * Reads one message.
   *
   * @param bytes one message, which stays the caller's
   */
  public static Query read(ByteBuf bytes) {
    ByteBuf message = bytes.slice();
    if (message.readableBytes() < HEADER) {
      return new Query.Noise();
    }
    int id = message.getUnsignedShort(0);
    int flags = message.getUnsignedShort(2);
    int opCode = flags >> 11 & 0xf;
    if ((flags & RESPONSE) != 0) {
      return new Query.Noise();
    }
    if (opCode != 0) {
      return new Query.Unfit(id, opCode, DnsResponseCode.NOTIMP);
    }
    if (message.readableBytes() > LONGEST) {
      return new Query.Unfit(id, opCode, DnsResponseCode.FORMERR);
    }
    try {
      DnsQuery query = new MessageDecoder().read(message);
      try {
        return judged(query, message.isReadable());
      } finally {
        query.release();
      }
    } catch (MalformedDnsException | IndexOutOfBoundsException e) {
      return new Query.Unfit(id, opCode, DnsResponseCode.FORMERR);
    }
  }

  private static Query judged(DnsQuery query, boolean more) {
    boolean options = query.count(DnsSection.ADDITIONAL) == 1;
    if (more
        || query.count(DnsSection.QUESTION) != 1
        || query.count(DnsSection.ANSWER) != 0
        || query.count(DnsSection.AUTHORITY) > 1
        || query.count(DnsSection.ADDITIONAL) > 1) {
      return new Query.Unfit(query.id(), 0, DnsResponseCode.FORMERR);
    }
    WireQuestion asked = query.recordAt(DnsSection.QUESTION);
    OptionalInt payload = OptionalInt.empty();
    if (options) {
      WireRecord option = query.recordAt(DnsSection.ADDITIONAL);
      if (!option.type().equals(DnsRecordType.OPT) || option.owner().size() != 1) {
        return new Query.Unfit(query.id(), 0, DnsResponseCode.FORMERR);
      }
      if ((option.timeToLive() >> 16 & 0xff) != 0) {
        return new Query.Unfit(query.id(), 0, DnsResponseCode.BADVERS_OR_BADSIG);
      }
      payload = OptionalInt.of(option.dnsClass());
    }
    if (asked.dnsClass() != DnsRecord.CLASS_IN) {
      return new Query.Unfit(query.id(), 0, DnsResponseCode.REFUSED);
    }
    return new Query.Asked(
        new Question(
            query.id(),
            asked.asked(),
            asked.type(),
            query.isRecursionDesired(),
            (query.z() & 1) != 0,
            payload));
  }

  /** Lets Netty's decoder be called as a function. */
  private static final class MessageDecoder extends DatagramDnsQueryDecoder {
    MessageDecoder() {
      super(new StrictRecordDecoder());
    }

    DnsQuery read(ByteBuf message) {
      List<Object> out = new ArrayList<>(1);
      try {
        decode(null, new DatagramPacket(message, NOBODY, NOBODY), out);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new MalformedDnsException(String.valueOf(e.getMessage()));
      }
      return (DnsQuery) out.getFirst();
    }
  }
}
