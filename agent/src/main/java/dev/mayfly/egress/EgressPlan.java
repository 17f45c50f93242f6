package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.SpecialRanges;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * An {@link EgressPolicy} with its groups resolved, ready to be asked. Rules have numbers from 1,
 * in the order of the policy; equal plans of different sandboxes have equal numbers.
 *
 * @param rules no {@link EgressRule.ToGroup} among them
 * @param refusedNames names that are refused whatever the rules say, such as those of public DNS
 *     over HTTPS resolvers
 * @param refusedHosts addresses of such, refused unless a rule names them
 */
public record EgressPlan(
    EgressMode mode,
    List<EgressRule> rules,
    List<IpRange> refusedRanges,
    boolean gate,
    EgressPolicy.RefusedNames refusedNames,
    RefusedHosts refusedHosts) {
  public EgressPlan {
    rules = List.copyOf(rules);
    refusedRanges = List.copyOf(refusedRanges);
  }

  /** Hosts that would let a job ask for names behind the resolver's back. */
  public record RefusedHosts(List<DomainName> names, List<IpRange> addresses) {
    public static final RefusedHosts NONE = new RefusedHosts(List.of(), List.of());

    public RefusedHosts {
      names = List.copyOf(names);
      addresses = List.copyOf(addresses);
    }
  }

  /** A rule and its number. */
  public record Numbered(int number, EgressRule rule) {}

  /**
   * The rules that name a host by this name. None for one of {@link #refusedHosts} that only a
   * wildcard above it covers: who writes {@code *.example.org} need not know that a resolver is
   * below it.
   */
  public List<Numbered> rulesFor(DomainName name) {
    List<Numbered> found = matching(name);
    return isRefused(name, found) ? List.of() : found;
  }

  private List<Numbered> matching(DomainName name) {
    List<Numbered> found = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i) instanceof EgressRule.ToName rule && rule.name().matches(name)) {
        found.add(new Numbered(i + 1, rule));
      }
    }
    return found;
  }

  /** Whether the resolver may ask for a name. */
  public boolean mayResolve(DomainName name) {
    return switch (mode) {
      case NONE -> false;
      case ALLOWLIST -> !rulesFor(name).isEmpty();
      case HTTPS, AUDIT -> !isRefused(name, matching(name));
    };
  }

  /** Whether a name is one of {@link #refusedHosts} that none of the rules names. */
  private boolean isRefused(DomainName name, List<Numbered> rules) {
    return refusedHosts.names().stream()
        .filter(refused -> name.equals(refused) || name.isBelow(refused))
        .anyMatch(refused -> rules.stream().noneMatch(rule -> names(rule, refused)));
  }

  private static boolean names(Numbered numbered, DomainName refused) {
    return numbered.rule() instanceof EgressRule.ToName to
        && (to.name().base().equals(refused) || to.name().base().isBelow(refused));
  }

  /**
   * Whether an address may be given as the answer for a name. The CI server's own may be in the
   * organisation's network.
   *
   * @param rules that name it
   */
  public boolean mayAnswer(InetAddress address, List<Numbered> rules) {
    return mayAnswer(address)
        || (SpecialRanges.isPrivate(address)
            && rules.stream().anyMatch(rule -> rule.rule().terms().server()));
  }

  /** Whether it is of a public resolver that no rule names. */
  public boolean isRefusedHost(InetAddress address) {
    return refusedHosts.addresses().stream().anyMatch(range -> range.contains(address));
  }

  /**
   * Whether an address may be given as the answer for a public name: no address of a refused range,
   * but for those that a rule by range covers.
   */
  public boolean mayAnswer(InetAddress address) {
    return refusedRanges.stream().noneMatch(range -> range.contains(address))
        || rules.stream()
            .anyMatch(
                rule ->
                    rule instanceof EgressRule.ToRange to
                        && to.range().contains(address)
                        && opensRefused(to.range()));
  }

  /** Whether a rule's range is within a refused one, and so is meant to open it. */
  public boolean opensRefused(IpRange range) {
    return refusedRanges.stream().anyMatch(refused -> refused.contains(range));
  }
}
