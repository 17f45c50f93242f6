package dev.mayfly.dns;

import io.netty.handler.codec.dns.DnsResponseCode;

/** What bytes from a client are. */
public sealed interface Query {
  /** A question that can be answered. */
  record Asked(Question question) implements Query {}

  /** No such question, but enough of a message to say so with a code. */
  record Unfit(int id, int opCode, DnsResponseCode code) implements Query {}

  /** Nothing to be answered: a response, or less than a header. */
  record Noise() implements Query {}
}
