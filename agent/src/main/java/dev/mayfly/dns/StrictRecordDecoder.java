package dev.mayfly.dns;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordType;

/**
 * Reads the parts of a message for Netty's decoders. Unlike theirs, it keeps labels apart that hold
 * dots, takes no message that ends early, and bounds how many records one has.
 */
final class StrictRecordDecoder implements DnsRecordDecoder {
  private static final int MOST_RECORDS = 512;

  private int left = MOST_RECORDS;

  @Override
  public DnsQuestion decodeQuestion(ByteBuf in) {
    count();
    DnsName name = DnsName.read(in);
    needs(in, 4);
    return new WireQuestion(
        name, DnsRecordType.valueOf(in.readUnsignedShort()), in.readUnsignedShort());
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  public <T extends DnsRecord> T decodeRecord(ByteBuf in) {
    count();
    DnsName owner = DnsName.read(in);
    needs(in, 10);
    DnsRecordType type = DnsRecordType.valueOf(in.readUnsignedShort());
    int dnsClass = in.readUnsignedShort();
    long ttl = in.readUnsignedInt();
    int length = in.readUnsignedShort();
    needs(in, length);
    int end = in.readerIndex() + length;
    RecordData data = RecordData.read(type, in, length);
    in.readerIndex(end);
    return (T) new WireRecord(owner, type, dnsClass, ttl, data.bytes(), data.target());
  }

  private void count() {
    if (left-- == 0) {
      throw new MalformedDnsException("a message has too many records");
    }
  }

  private static void needs(ByteBuf in, int bytes) {
    if (in.readableBytes() < bytes) {
      throw new MalformedDnsException("a message ends early");
    }
  }
}
