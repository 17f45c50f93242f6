package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressRule;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A connection that a job made, to be judged by a plan that was not in force then.
 *
 * @param protocol such as {@code tcp}
 * @param names for which the resolver gave the address
 */
public record PastConnection(
    String protocol, InetAddress address, OptionalInt port, Set<DomainName> names) {
  public PastConnection {
    names = Set.copyOf(names);
  }

  /** Why a plan would have refused it; empty where it would not. */
  public Optional<String> refusedBy(EgressPlan plan) {
    if (plan.mode() == EgressMode.NONE) {
      return Optional.of("mode: none gives the sandbox no network");
    }
    if (isAllowedByRule(plan)) {
      return Optional.empty();
    }
    if (plan.refusedRanges().stream().anyMatch(range -> range.contains(address))) {
      return Optional.of("the address is in a refused range, and no rule names a range within it");
    }
    if (plan.mode() == EgressMode.AUDIT) {
      return Optional.empty();
    }
    if (plan.mode() == EgressMode.ALLOWLIST) {
      return Optional.of("no rule allows it");
    }
    return refusedByHttps(plan);
  }

  private boolean isAllowedByRule(EgressPlan plan) {
    List<EgressRule> rules = plan.rules();
    return rules.stream()
        .anyMatch(
            rule ->
                switch (rule) {
                  case EgressRule.ToGroup _ -> false;
                  case EgressRule.ToName to ->
                      to.transport().word().equals(protocol)
                          && port.isPresent()
                          && to.ports().contains(port.getAsInt())
                          && plan.mayAnswer(address)
                          && names.stream()
                              .anyMatch(n -> to.name().matches(n) && plan.mayResolve(n));
                  case EgressRule.ToRange to ->
                      to.transport().word().equals(protocol)
                          && port.isPresent()
                          && to.ports().contains(port.getAsInt())
                          && to.range().contains(address)
                          && (plan.opensRefused(to.range()) || plan.mayAnswer(address));
                });
  }

  private Optional<String> refusedByHttps(EgressPlan plan) {
    if (!protocol.equals("tcp") || port.isEmpty() || port.getAsInt() != 443) {
      return Optional.of("mode: https opens TCP port 443 only, and no rule allows it");
    }
    if (plan.refusedHosts().addresses().stream().anyMatch(range -> range.contains(address))) {
      return Optional.of("it is a public DNS over HTTPS resolver, and no rule names it");
    }
    return plan.gate() && names.stream().noneMatch(plan::mayResolve)
        ? Optional.of("the TLS gate lets only names through that the sandbox resolved")
        : Optional.empty();
  }
}
