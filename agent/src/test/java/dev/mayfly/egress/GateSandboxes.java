package dev.mayfly.egress;

import dev.mayfly.egress.EgressPlan.RefusedHosts;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.EgressRule.Terms;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Sandboxes and plans for the tests of the gate. */
final class GateSandboxes {
  static final InetAddress CDN = address("203.0.113.10");
  static final InetAddress ELSEWHERE = address("203.0.113.11");
  static final InetAddress REFUSED = address("198.51.100.10");
  static final InetAddress RESOLVER = address("203.0.113.53");

  private GateSandboxes() {}

  static InetAddress address(String text) {
    return IpRange.parse(text).first();
  }

  static ArmedSandbox allowing(String... names) {
    return sandbox(
        EgressMode.ALLOWLIST,
        false,
        Arrays.stream(names).map(name -> rule(name, Terms.NONE)).toArray(EgressRule[]::new));
  }

  static EgressRule rule(String name, Terms terms) {
    return new EgressRule.ToName(
        name, DomainPattern.parse(name), Transport.TCP, PortRange.HTTPS, terms);
  }

  static Terms terms(boolean withoutSni, boolean encryptedHello) {
    return new Terms(Optional.empty(), withoutSni, encryptedHello);
  }

  static ArmedSandbox sandbox(EgressMode mode, boolean gate, EgressRule... rules) {
    return new ArmedSandbox(
        "job",
        new SandboxAddress(
            "mfy02a",
            (Inet4Address) address("198.19.0.42"),
            (Inet6Address) address("2001:db8:1::42")),
        new EgressPlan(
            mode,
            List.of(rules),
            List.of(IpRange.parse("198.51.100.0/24")),
            gate,
            EgressPolicy.RefusedNames.NXDOMAIN,
            new RefusedHosts(
                List.of(new DomainName("doh.example")), List.of(IpRange.parse("203.0.113.53")))),
        _ -> {});
  }
}
