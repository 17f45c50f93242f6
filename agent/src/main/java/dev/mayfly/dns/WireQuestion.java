package dev.mayfly.dns;

import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;

/** The question of a message, with its name as it was sent. */
record WireQuestion(DnsName asked, DnsRecordType type, int dnsClass) implements DnsQuestion {
  @Override
  public String name() {
    return asked.text();
  }

  @Override
  public long timeToLive() {
    return 0;
  }
}
