package dev.mayfly.egress;

import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes plans of policies. */
public final class EgressPlanner {
  private EgressPlanner() {}

  /**
   * The policy with its groups resolved: each host of a group becomes a rule of its own on the
   * terms of the rule that names the group. Of rules that say the same the first stays; of refused
   * ranges that lie within each other the outer one. Public DNS over HTTPS resolvers are refused
   * but for those that a rule names.
   *
   * @throws IllegalArgumentException where the policy names a group that there is not
   */
  public static EgressPlan plan(EgressPolicy policy, EgressGroups groups) {
    List<EgressRule> rules = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (EgressRule rule : policy.allow()) {
      for (EgressRule one : resolved(rule, groups)) {
        if (seen.add(one.meaning() + one.terms())) {
          rules.add(one);
        }
      }
    }
    return new EgressPlan(
        policy.mode(),
        rules,
        IpRange.outermost(policy.refusedRanges()),
        policy.gate(),
        policy.refusedNames(),
        DnsOverHttps.allBut(rules));
  }

  private static List<EgressRule> resolved(EgressRule rule, EgressGroups groups) {
    return rule instanceof EgressRule.ToGroup to
        ? groups.group(to.group()).entries().stream()
            .map(EgressGroups.Entry::rule)
            .map(host -> host.carrying(to.group() + " (" + host.text() + ")", to.terms()))
            .toList()
        : List.of(rule);
  }
}
