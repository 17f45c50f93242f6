package dev.mayfly.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.util.OptionalInt;

/**
 * What a client asks, of class IN.
 *
 * @param name in the client's case, which the reply repeats
 * @param payload bytes of a UDP message that the client takes (RFC 6891); empty where it has no
 *     EDNS
 */
public record Question(
    int id,
    DnsName name,
    DnsRecordType type,
    boolean recursionDesired,
    boolean checkingDisabled,
    OptionalInt payload) {}
