package dev.mayfly.egress;

import dev.mayfly.dns.MessageWriter.Reply;
import dev.mayfly.policy.DomainName;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.List;
import java.util.Optional;

/** What becomes of a question. */
sealed interface NameVerdict {
  /** Servers may be asked. */
  record Ask(DomainName name, List<EgressPlan.Numbered> rules) implements NameVerdict {}

  /** The reply is known without asking. */
  record Known(DomainName name, Reply reply) implements NameVerdict {}

  /**
   * Nobody is asked.
   *
   * @param suggestion what would allow it
   */
  record Refuse(DnsResponseCode code, String reason, Optional<String> suggestion)
      implements NameVerdict {}
}
