package dev.mayfly.egress;

import dev.mayfly.dns.DnsName;
import dev.mayfly.dns.MessageWriter.Reply;
import dev.mayfly.dns.Question;
import dev.mayfly.dns.WireRecord;
import dev.mayfly.flow.RecentMap;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides on one sandbox's questions before anybody else hears of them. */
final class NameJudge {
  private static final Set<DnsRecordType> ANSWERED =
      Set.of(
          DnsRecordType.A,
          DnsRecordType.AAAA,
          DnsRecordType.HTTPS,
          DnsRecordType.SVCB,
          DnsRecordType.CNAME,
          DnsRecordType.TXT,
          DnsRecordType.SRV,
          DnsRecordType.MX,
          DnsRecordType.NS,
          DnsRecordType.SOA,
          DnsRecordType.CAA,
          DnsRecordType.PTR);

  private static final DomainName LOCALHOST = new DomainName("localhost");
  private static final DomainName ARPA = new DomainName("arpa");

  /** Browsers that get an answer for it ask DNS over HTTPS instead. */
  private static final DomainName CANARY = new DomainName("use-application-dns.net");

  /** Names of the local network, of which no public server knows (RFC 6761, 6762, 7686, 9476). */
  private static final Set<String> LOCAL =
      Set.of(
          "alt",
          "corp",
          "home",
          "internal",
          "intranet",
          "invalid",
          "lan",
          "local",
          "onion",
          "private");

  private static final long LOCAL_TTL = 60;
  private static final InetAddress LOOPBACK_4 = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress LOOPBACK_6 = InetAddress.ofLiteral("::1");

  private static final int MOST_RECENT = 64;

  private final ArmedSandbox sandbox;
  private final TunnelGuard guard = new TunnelGuard();

  /** Plans can have many rules, and jobs ask for the same few names. */
  private final Map<DnsName, Host> recent = new RecentMap<>(MOST_RECENT);

  private record Host(DomainName name, List<EgressPlan.Numbered> rules) {}

  NameJudge(ArmedSandbox sandbox) {
    this.sandbox = sandbox;
  }

  NameVerdict judge(Question question) {
    Host host = recent.computeIfAbsent(question.name(), this::host);
    if (host == null) {
      return refused("it is not a host name", Optional.empty());
    }
    DomainName name = host.name();
    if (sandbox.aliases().contains(name)) {
      return new NameVerdict.Known(name, alias(question));
    }
    if (!ANSWERED.contains(question.type())) {
      return new NameVerdict.Refuse(
          DnsResponseCode.REFUSED,
          "questions of type " + type(question) + " are not answered",
          Optional.empty());
    }
    if (isOrBelow(name, LOCALHOST)) {
      return new NameVerdict.Known(name, loopback(question));
    }
    if (isOrBelow(name, ARPA)) {
      return new NameVerdict.Known(name, reverse(question));
    }
    if (isOrBelow(name, CANARY)) {
      return new NameVerdict.Known(name, Reply.of(DnsResponseCode.NXDOMAIN));
    }
    return allowed(name, host.rules(), question.type());
  }

  private @Nullable Host host(DnsName asked) {
    return hostName(asked).map(name -> new Host(name, sandbox.plan().rulesFor(name))).orElse(null);
  }

  private NameVerdict allowed(
      DomainName name, List<EgressPlan.Numbered> rules, DnsRecordType type) {
    EgressPlan plan = sandbox.plan();
    Optional<String> suggestion = Optional.of(name + ":443");
    if (plan.mode() == EgressMode.NONE || (rules.isEmpty() && !plan.mayResolve(name))) {
      return refused("no rule of egress.allow names it", suggestion);
    }
    if (rules.isEmpty() && isLocal(name)) {
      return refused("it is a name of the local network, which only a rule may name", suggestion);
    }
    if (rules.isEmpty() && type.equals(DnsRecordType.TXT)) {
      return refused("TXT records are answered only for names that a rule names", suggestion);
    }
    Optional<String> objection = tunnel(name, rules);
    if (objection.isPresent()) {
      return refused(objection.get(), suggestion);
    }
    return new NameVerdict.Ask(name, rules);
  }

  /** A name that a rule spells out carries nothing of the sandbox's choice. */
  private Optional<String> tunnel(DomainName name, List<EgressPlan.Numbered> rules) {
    Optional<DomainName> wildcard = Optional.empty();
    for (EgressPlan.Numbered rule : rules) {
      if (rule.rule() instanceof EgressRule.ToName to) {
        if (!to.name().below()) {
          return Optional.empty();
        }
        wildcard = Optional.of(to.name().base());
      }
    }
    return guard.objection(name, wildcard, System.nanoTime());
  }

  private NameVerdict refused(String reason, Optional<String> suggestion) {
    return new NameVerdict.Refuse(
        sandbox.plan().refusedNames() == EgressPolicy.RefusedNames.REFUSED
            ? DnsResponseCode.REFUSED
            : DnsResponseCode.NXDOMAIN,
        reason,
        suggestion);
  }

  private static boolean isOrBelow(DomainName name, DomainName top) {
    return name.equals(top) || name.isBelow(top);
  }

  private static boolean isLocal(DomainName name) {
    int dot = name.text().lastIndexOf('.');
    return dot < 0 || LOCAL.contains(name.text().substring(dot + 1));
  }

  private static Reply loopback(Question question) {
    List<WireRecord> answers =
        question.type().equals(DnsRecordType.A)
            ? List.of(WireRecord.address(question.name(), LOOPBACK_4))
            : question.type().equals(DnsRecordType.AAAA)
                ? List.of(WireRecord.address(question.name(), LOOPBACK_6))
                : List.of();
    return new Reply(DnsResponseCode.NOERROR, answers, List.of(), LOCAL_TTL);
  }

  /** Services listen on IPv4, and are there for nobody else: nobody else is asked. */
  private static Reply alias(Question question) {
    List<WireRecord> answers =
        question.type().equals(DnsRecordType.A)
            ? List.of(WireRecord.address(question.name(), LOOPBACK_4))
            : List.of();
    return new Reply(DnsResponseCode.NOERROR, answers, List.of(), LOCAL_TTL);
  }

  /** The names that this sandbox was told an address for, and nothing that anybody else knows. */
  private Reply reverse(Question question) {
    List<WireRecord> names =
        question.type().equals(DnsRecordType.PTR)
            ? ReverseName.address(question.name()).map(sandbox::namesOf).orElse(Set.of()).stream()
                .map(name -> WireRecord.pointer(question.name(), DnsName.of(name.text())))
                .toList()
            : List.of();
    return names.isEmpty()
        ? Reply.of(DnsResponseCode.NXDOMAIN)
        : new Reply(DnsResponseCode.NOERROR, names, List.of(), LOCAL_TTL);
  }

  static Optional<DomainName> hostName(DnsName name) {
    try {
      return Optional.of(new DomainName(name.text()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static String type(Question question) {
    String name = question.type().name();
    return name.equals("UNKNOWN") ? "TYPE" + question.type().intValue() : name;
  }
}
