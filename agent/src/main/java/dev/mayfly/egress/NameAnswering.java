package dev.mayfly.egress;

import dev.mayfly.dns.DnsName;
import dev.mayfly.dns.MessageWriter.Reply;
import dev.mayfly.dns.Question;
import dev.mayfly.dns.WireRecord;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.SpecialRanges;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a sandbox's question to its reply. Runs on the loop's thread. */
final class NameAnswering {
  private static final Logger LOG = LoggerFactory.getLogger(NameAnswering.class);
  private static final int MOST_CACHED = 8192;
  private static final long MOST_CACHED_BYTES = 4 << 20;

  /** How long an address stays open after its time to live: a client has to come around to it. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private static final int MOST_OPENINGS = 1024;

  /** Addresses of one answer that a sandbox is given; nobody tries more. */
  private static final int MOST_ADDRESSES = 100;

  private static final int LONGEST_TEXT = 4096;
  private static final int LONGEST_ANSWER = 16_384;

  private final DnsLoop dns;
  private final Askers askers;
  private final Upstreams upstreams;
  private final NameCache cache = new NameCache(MOST_CACHED, MOST_CACHED_BYTES);
  private @Nullable PacketLayer packets;
  private int generation;

  NameAnswering(DnsLoop dns, Askers askers, Upstreams upstreams) {
    this.dns = dns;
    this.askers = askers;
    this.upstreams = upstreams;
  }

  void packets(PacketLayer layer) {
    packets = layer;
    generation++;
    askers.forgetOpenings();
  }

  /** One question on its way. */
  private record Case(
      Asker asker,
      Question question,
      DomainName name,
      List<EgressPlan.Numbered> rules,
      NameReply reply) {
    void end(Reply with, EgressEvent event) {
      asker.sandbox().listener().seen(event);
      reply.send(with);
    }
  }

  void answer(Asker asker, Question question, NameReply reply) {
    switch (asker.judge().judge(question)) {
      case NameVerdict.Refuse(DnsResponseCode code, String reason, Optional<String> suggestion) -> {
        refuse(asker, question, Optional.empty(), reason, suggestion);
        reply.send(Reply.of(code));
      }
      case NameVerdict.Known(DomainName name, Reply known) -> {
        asker
            .sandbox()
            .listener()
            .seen(answered(question, name, List.of(), addresses(known.answers())));
        reply.send(known);
      }
      case NameVerdict.Ask(DomainName name, List<EgressPlan.Numbered> rules) ->
          ask(new Case(asker, question, name, rules, reply));
    }
  }

  private void ask(Case one) {
    NameCache.Key key = new NameCache.Key(one.question().name(), one.question().type());
    Optional<NameFacts> known = cache.get(key, System.nanoTime());
    if (known.isPresent()) {
      deliver(one, known.get());
    } else if (one.asker().begins()) {
      upstreams.ask(
          key,
          answer -> {
            one.asker().ends();
            long now = System.nanoTime();
            Optional<NameFacts> facts = answer.flatMap(a -> NameFacts.of(a, now));
            facts.ifPresent(f -> cache.put(key, f));
            if (facts.isPresent()) {
              deliver(one, facts.get());
            } else if (answer.isPresent()) {
              fail(one, "its aliases run in a circle or do not end");
            } else {
              unanswered(one);
            }
          });
    } else {
      fail(one, "too many of its questions wait for an answer");
    }
  }

  /** Checked anew for each sandbox: what is known is everybody's, what is allowed is not. */
  private void deliver(Case one, NameFacts facts) {
    if (!askers.isArmed(one.asker().sandbox())) {
      return;
    }
    int size = facts.records().stream().mapToInt(WireRecord::size).sum();
    if (size > (one.question().type().equals(DnsRecordType.TXT) ? LONGEST_TEXT : LONGEST_ANSWER)) {
      fail(one, "its answer has " + size + " bytes");
      return;
    }
    List<WireRecord> records = withoutRefused(one, facts.records());
    List<InetAddress> addresses = addresses(records);
    long now = System.nanoTime();
    long ttl = Math.max(1, facts.ttl(now));
    Reply reply = new Reply(facts.code(), records, facts.authority(), ttl);
    EgressEvent event = answered(one.question(), one.name(), names(facts.hops()), addresses);
    if (addresses.isEmpty()) {
      one.end(reply, event);
      return;
    }
    ArmedSandbox sandbox = one.asker().sandbox();
    Duration time = Duration.ofSeconds(ttl).plus(GRACE);
    List<Opening> openings = NameOpenings.of(sandbox.plan(), one.rules(), addresses, time);
    if (openings.size() > MOST_OPENINGS) {
      fail(one, "its addresses and the rule's ports are too many");
    } else if (!sandbox.resolved(one.name(), addresses, Instant.now().plus(time))) {
      fail(one, "the sandbox resolved too many addresses");
    } else {
      List<Opening> missing = one.asker().missing(openings, now);
      if (missing.isEmpty()) {
        one.end(reply, event);
      } else {
        open(one, missing, () -> one.end(reply, event));
      }
    }
  }

  /** The packet layer may block, so it is called on a thread of its own; the reply waits for it. */
  private void open(Case one, List<Opening> openings, Runnable then) {
    PacketLayer layer = packets;
    if (layer == null) {
      fail(one, "packet rules are not in force yet");
      return;
    }
    if (!one.asker().begins()) {
      fail(one, "too many of its questions wait for an answer");
      return;
    }
    long since = System.nanoTime();
    int asOf = generation;
    Thread.ofVirtual()
        .name("mayfly-names-open")
        .start(
            () -> {
              Optional<String> failure = opened(layer, one.asker().sandbox(), openings);
              onLoop(
                  () -> {
                    one.asker().ends();
                    if (failure.isPresent()) {
                      fail(one, "its addresses could not be opened: " + failure.get());
                      return;
                    }
                    if (asOf == generation) {
                      one.asker().opened(openings, since);
                    }
                    then.run();
                  });
            });
  }

  private void onLoop(Runnable task) {
    try {
      dns.loop().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the resolver closed before it could reply");
    }
  }

  private static Optional<String> opened(
      PacketLayer layer, ArmedSandbox sandbox, List<Opening> openings) {
    try {
      layer.open(sandbox.address(), openings);
      return Optional.empty();
    } catch (IOException | RuntimeException | LinkageError e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private List<WireRecord> withoutRefused(Case one, List<WireRecord> records) {
    List<WireRecord> kept = new ArrayList<>(records.size());
    int given = 0;
    for (WireRecord record : records) {
      Optional<String> objection = objection(one, record);
      if (objection.isEmpty()) {
        if (!isAddress(record) || ++given <= MOST_ADDRESSES) {
          kept.add(record);
        }
      } else {
        InetAddress address = record.address();
        refuse(
            one.asker(),
            one.question(),
            Optional.of(address),
            objection.get(),
            suggestion(one, address));
      }
    }
    return kept;
  }

  /** The range that would open it, for the port that the name is about; no metadata service's. */
  private static Optional<String> suggestion(Case one, InetAddress address) {
    EgressPlan plan = one.asker().sandbox().plan();
    if (SpecialRanges.isMetadata(address) || plan.isRefusedHost(address)) {
      return Optional.empty();
    }
    PortRange ports =
        one.rules().stream()
            .map(EgressPlan.Numbered::rule)
            .filter(EgressRule.ToName.class::isInstance)
            .map(rule -> ((EgressRule.ToName) rule).ports())
            .findFirst()
            .orElse(PortRange.HTTPS);
    String shown = address.getHostAddress();
    return Optional.of((address instanceof Inet4Address ? shown : "[" + shown + "]") + ":" + ports);
  }

  /** An answer for a name must not lead to where the policy leads nobody (DNS rebinding). */
  private static Optional<String> objection(Case one, WireRecord record) {
    EgressPlan plan = one.asker().sandbox().plan();
    if (!isAddress(record)) {
      return Optional.empty();
    }
    InetAddress address = record.address();
    if (record.type().equals(DnsRecordType.AAAA) && address instanceof Inet4Address) {
      return Optional.of("the name leads to an IPv4 address written as IPv6");
    }
    if (plan.isRefusedHost(address)) {
      return Optional.of("the name leads to a public resolver, which would hide names from Mayfly");
    }
    return EmbeddedAddress.within(address).stream()
            .allMatch(within -> plan.mayAnswer(within, one.rules()))
        ? Optional.empty()
        : Optional.of("the name leads to an address of a refused range");
  }

  private void fail(Case one, String reason) {
    refuse(one.asker(), one.question(), Optional.empty(), reason, Optional.empty());
    one.reply().send(Reply.of(DnsResponseCode.SERVFAIL));
  }

  /** No server's fault is the job's: nothing was refused. */
  private static void unanswered(Case one) {
    one.end(
        Reply.of(DnsResponseCode.SERVFAIL),
        answered(one.question(), one.name(), List.of(), List.of()));
  }

  private static void refuse(
      Asker asker,
      Question question,
      Optional<InetAddress> address,
      String reason,
      Optional<String> suggestion) {
    asker
        .sandbox()
        .listener()
        .seen(
            new EgressEvent.Refused(
                EgressEvent.Layer.NAME,
                "dns",
                address,
                OptionalInt.empty(),
                Optional.of(question.name().text()),
                reason,
                suggestion));
  }

  private static EgressEvent answered(
      Question question, DomainName name, List<DomainName> chain, List<InetAddress> addresses) {
    return new EgressEvent.Answered(name, NameJudge.type(question), chain, addresses);
  }

  /** Hops that are no host names are not told: nothing can be done with them. */
  private static List<DomainName> names(List<DnsName> hops) {
    return hops.stream().flatMap(hop -> NameJudge.hostName(hop).stream()).toList();
  }

  private static List<InetAddress> addresses(List<WireRecord> records) {
    return records.stream()
        .filter(NameAnswering::isAddress)
        .map(WireRecord::address)
        .distinct()
        .toList();
  }

  private static boolean isAddress(WireRecord record) {
    return record.type().equals(DnsRecordType.A) || record.type().equals(DnsRecordType.AAAA);
  }
}
