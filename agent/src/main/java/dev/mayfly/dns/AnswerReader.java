package dev.mayfly.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Reads answers of upstream servers, which are believed no more than clients are. */
public final class AnswerReader {
  private static final InetSocketAddress NOBODY = new InetSocketAddress(0);

  private AnswerReader() {}

  /**
   * Reads one message.
   *
   * @param bytes one message, which stays the caller's
   * @throws MalformedDnsException where it is no answer to one question
   */
  public static Answer read(ByteBuf bytes) {
    DnsResponse response = new MessageDecoder().read(bytes.slice());
    try {
      if (response.count(DnsSection.QUESTION) != 1 || !response.opCode().equals(DnsOpCode.QUERY)) {
        throw new MalformedDnsException("an answer has not one question");
      }
      WireQuestion question = response.recordAt(DnsSection.QUESTION);
      if (question.dnsClass() != DnsRecord.CLASS_IN) {
        throw new MalformedDnsException("an answer is of another class");
      }
      return new Answer(
          response.id(),
          question.asked(),
          question.type(),
          response.code(),
          response.isTruncated(),
          records(response, DnsSection.ANSWER),
          records(response, DnsSection.AUTHORITY));
    } finally {
      response.release();
    }
  }

  private static List<WireRecord> records(DnsResponse response, DnsSection section) {
    List<WireRecord> records = new ArrayList<>(response.count(section));
    for (int i = 0; i < response.count(section); i++) {
      WireRecord record = response.recordAt(section, i);
      if (record.dnsClass() == DnsRecord.CLASS_IN) {
        records.add(record);
      }
    }
    return records;
  }

  /** Lets Netty's decoder be called as a function. */
  private static final class MessageDecoder extends DatagramDnsResponseDecoder {
    MessageDecoder() {
      super(new StrictRecordDecoder());
    }

    DnsResponse read(ByteBuf message) {
      try {
        return decodeResponse(null, new DatagramPacket(message, NOBODY, NOBODY));
      } catch (MalformedDnsException e) {
        throw e;
      } catch (Exception e) {
        throw new MalformedDnsException(String.valueOf(e.getMessage()));
      }
    }
  }
}
