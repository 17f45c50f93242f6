package dev.mayfly.egress;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import java.util.ArrayList;
import java.util.List;

/** Well-known public resolvers that answer over HTTPS or TLS, from {@code doh.yaml}. */
final class DnsOverHttps {
  private static final List<Resolver> ALL = load();

  /** What most plans have. */
  private static final EgressPlan.RefusedHosts NONE_NAMED = hostsOf(ALL);

  private DnsOverHttps() {}

  /** One operator's service. */
  private record Resolver(List<DomainName> names, List<IpRange> addresses) {

    /** Whether a rule is about this service and not about more than it. */
    boolean isNamedBy(EgressRule rule) {
      return switch (rule) {
        case EgressRule.ToName to ->
            names.stream().anyMatch(n -> to.name().base().equals(n) || to.name().base().isBelow(n));
        case EgressRule.ToRange to -> addresses.stream().anyMatch(a -> a.contains(to.range()));
        case EgressRule.ToGroup _ -> false;
      };
    }
  }

  private static List<Resolver> load() {
    List<Resolver> all = new ArrayList<>();
    for (JsonNode entry : EgressData.read("doh.yaml")) {
      all.add(
          new Resolver(
              EgressData.texts(entry.required("names")).stream().map(DomainName::parse).toList(),
              EgressData.texts(entry.required("addresses")).stream().map(IpRange::parse).toList()));
    }
    return List.copyOf(all);
  }

  /** The services that no rule names. */
  static EgressPlan.RefusedHosts allBut(List<EgressRule> rules) {
    List<Resolver> refused =
        ALL.stream().filter(service -> rules.stream().noneMatch(service::isNamedBy)).toList();
    return refused.size() == ALL.size() ? NONE_NAMED : hostsOf(refused);
  }

  private static EgressPlan.RefusedHosts hostsOf(List<Resolver> services) {
    return new EgressPlan.RefusedHosts(
        services.stream().flatMap(service -> service.names().stream()).distinct().toList(),
        IpRange.outermost(
            services.stream().flatMap(service -> service.addresses().stream()).toList()));
  }
}
