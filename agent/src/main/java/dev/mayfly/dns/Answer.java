package dev.mayfly.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.List;

/**
 * What a server answered.
 *
 * @param answers in the server's order, all of class IN
 * @param authority idem
 */
public record Answer(
    int id,
    DnsName asked,
    DnsRecordType type,
    DnsResponseCode code,
    boolean truncated,
    List<WireRecord> answers,
    List<WireRecord> authority) {
  public Answer {
    answers = List.copyOf(answers);
    authority = List.copyOf(authority);
  }
}
