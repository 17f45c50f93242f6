package dev.mayfly.egress;

import dev.mayfly.egress.EgressPlan.Numbered;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.EgressRule.Terms;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Whether the TLS gate lets a sandbox's connection through. No I/O. */
final class GateDecision {
  private static final String GREASE =
      "; a real one and a meaningless one (GREASE) can't be told apart";

  private GateDecision() {}

  /** What the gate does with a connection. */
  sealed interface Verdict {}

  /**
   * Lets it through.
   *
   * @param rule by which; empty where the mode allows it
   * @param name whom it is for
   * @param byRule whether a rule or the mode allows it; else it is let through to be recorded
   */
  record Pass(Optional<Numbered> rule, Optional<DomainName> name, boolean byRule)
      implements Verdict {}

  /**
   * Refuses it.
   *
   * @param alert what a TLS client is told; empty where it does not speak TLS
   * @param name as the client gave it
   * @param reason for a person: a few words
   * @param suggestion the entry of {@code egress.allow} that would allow it; empty where none does
   */
  record Refuse(
      Optional<TlsAlert> alert, Optional<String> name, String reason, Optional<String> suggestion)
      implements Verdict {
    static Refuse denied(String reason) {
      return new Refuse(
          Optional.of(TlsAlert.ACCESS_DENIED), Optional.empty(), reason, Optional.empty());
    }

    Refuse about(DomainName refused) {
      return new Refuse(alert, Optional.of(refused.text()), reason, suggestion);
    }
  }

  /**
   * Decides on a connection.
   *
   * @param to where the sandbox wanted to go
   */
  static Verdict decide(ArmedSandbox sandbox, InetAddress to, int port, ClientHello hello) {
    EgressPlan plan = sandbox.plan();
    Verdict verdict =
        plan.mode() == EgressMode.NONE
            ? Refuse.denied("the mode is none")
            : hello
                .serverName()
                .map(name -> named(sandbox, to, port, name, hello.encrypted()))
                .orElseGet(() -> nameless(sandbox, to, port, hello.encrypted()));
    if (verdict instanceof Pass || plan.mode() != EgressMode.AUDIT) {
      return verdict;
    }
    return closed(plan, to)
        .<Verdict>map(Refuse::denied)
        .orElseGet(() -> new Pass(Optional.empty(), hello.serverName(), false));
  }

  private static Verdict named(
      ArmedSandbox sandbox, InetAddress to, int port, DomainName name, boolean encrypted) {
    EgressPlan plan = sandbox.plan();
    List<Numbered> rules = rulesFor(plan, name, port).toList();
    boolean byMode = rules.isEmpty() && allowsByMode(plan, name, port);
    if (rules.isEmpty() && !byMode) {
      return new Refuse(
          Optional.of(TlsAlert.UNRECOGNIZED_NAME),
          Optional.of(name.text()),
          "no rule allows the TLS server name",
          Optional.of(name + ":" + port));
    }
    if (!sandbox.hasResolved(name, to)) {
      return new Refuse(
          Optional.of(TlsAlert.UNRECOGNIZED_NAME),
          Optional.of(name.text()),
          "the TLS server name does not resolve to this address for the job",
          Optional.empty());
    }
    Optional<Numbered> rule =
        rules.stream().filter(r -> !encrypted || terms(r).encryptedHello()).findFirst();
    if (encrypted && rule.isEmpty()) {
      return Refuse.denied(
              "an encrypted ClientHello could name another server" + GREASE + " (encrypted-hello)")
          .about(name);
    }
    return (byMode ? closed(plan, to) : Optional.<String>empty())
        .<Verdict>map(reason -> Refuse.denied(reason).about(name))
        .orElseGet(() -> new Pass(rule, Optional.of(name), true));
  }

  private static boolean allowsByMode(EgressPlan plan, DomainName name, int port) {
    return plan.mode() == EgressMode.HTTPS
        && plan.gate()
        && PortRange.HTTPS.contains(port)
        && plan.mayResolve(name);
  }

  /** A hello without a name is for whoever resolved to the address and may be left unnamed. */
  private static Verdict nameless(
      ArmedSandbox sandbox, InetAddress to, int port, boolean encrypted) {
    List<DomainName> names =
        sandbox.namesOf(to).stream()
            .filter(name -> sandbox.hasResolved(name, to))
            .sorted(Comparator.comparing(DomainName::text))
            .toList();
    Predicate<Terms> suits = terms -> terms.withoutSni() && (!encrypted || terms.encryptedHello());
    for (DomainName name : names) {
      Optional<Numbered> rule =
          rulesFor(sandbox.plan(), name, port).filter(r -> suits.test(terms(r))).findFirst();
      if (rule.isPresent()) {
        return new Pass(rule, Optional.of(name), true);
      }
    }
    return Refuse.denied(
        encrypted
            ? "the TLS ClientHello is encrypted and names no server"
                + GREASE
                + " (without-sni, encrypted-hello)"
            : "the TLS ClientHello names no server (without-sni)");
  }

  private static Stream<Numbered> rulesFor(EgressPlan plan, DomainName name, int port) {
    return plan.rulesFor(name).stream()
        .filter(
            numbered ->
                numbered.rule() instanceof EgressRule.ToName rule
                    && rule.transport() == Transport.TCP
                    && rule.ports().contains(port));
  }

  private static Terms terms(Numbered numbered) {
    return numbered.rule().terms();
  }

  /** Why no mode opens an address without a rule; empty where one does. */
  private static Optional<String> closed(EgressPlan plan, InetAddress to) {
    if (!plan.mayAnswer(to)) {
      return Optional.of("the address is in a refused range");
    }
    return plan.isRefusedHost(to)
        ? Optional.of("the address is of a resolver that would answer behind Mayfly's back")
        : Optional.empty();
  }
}
