package dev.mayfly.dns;

import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A resource record whose data need no other part of the message: names in them are not compressed.
 * Records of types that nobody here has a use for have no data.
 */
public final class WireRecord implements DnsRecord {
  private final DnsName owner;
  private final DnsRecordType type;
  private final int dnsClass;
  private final long ttl;
  private final byte[] data;
  private final Optional<DnsName> target;

  WireRecord(
      DnsName owner,
      DnsRecordType type,
      int dnsClass,
      long ttl,
      byte[] data,
      Optional<DnsName> target) {
    this.owner = owner;
    this.type = type;
    this.dnsClass = dnsClass;
    this.ttl = ttl;
    this.data = data;
    this.target = target;
  }

  /** An A or AAAA record. */
  public static WireRecord address(DnsName owner, InetAddress address) {
    byte[] bytes = address.getAddress();
    return new WireRecord(
        owner,
        bytes.length == 4 ? DnsRecordType.A : DnsRecordType.AAAA,
        CLASS_IN,
        0,
        bytes,
        Optional.empty());
  }

  /** A PTR record. */
  public static WireRecord pointer(DnsName owner, DnsName target) {
    return new WireRecord(
        owner, DnsRecordType.PTR, CLASS_IN, 0, target.bytes(), Optional.of(target));
  }

  public DnsName owner() {
    return owner;
  }

  /**
   * The address of an A or AAAA record; one that is IPv4 in IPv6's form becomes an IPv4 address.
   */
  public InetAddress address() {
    try {
      return InetAddress.getByAddress(data);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("a " + type.name() + " record has no address", e);
    }
  }

  /** What a CNAME, NS or PTR record names. */
  public Optional<DnsName> target() {
    return target;
  }

  /** Whether it has data: those of malformed service bindings and of unknown types are dropped. */
  boolean isUseful() {
    return data.length > 0;
  }

  /** Of a SOA record: seconds for which what its zone has not may be remembered (RFC 2308). */
  public long negativeTtl() {
    return ByteBuffer.wrap(data).getInt(data.length - Integer.BYTES) & 0xffffffffL;
  }

  /** Bytes that it takes in a message, at most. */
  public int size() {
    return owner.size() + 10 + data.length;
  }

  byte[] data() {
    return data;
  }

  @Override
  public String name() {
    return owner.text();
  }

  @Override
  public DnsRecordType type() {
    return type;
  }

  @Override
  public int dnsClass() {
    return dnsClass;
  }

  @Override
  public long timeToLive() {
    return ttl;
  }
}
