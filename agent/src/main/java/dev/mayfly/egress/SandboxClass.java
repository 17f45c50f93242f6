package dev.mayfly.egress;

import dev.mayfly.nftables.Block;
import dev.mayfly.nftables.ClassRules;
import dev.mayfly.nftables.Reach;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What of a plan the kernel can hold for all sandboxes that have it, without knowing names. */
final class SandboxClass {
  /** Marks connections that no rule but the mode allows; more than any policy has rules. */
  static final int BY_MODE = 0x10000;

  private static final List<IpRange> EVERYWHERE =
      List.of(IpRange.parse("0.0.0.0/0"), IpRange.parse("::/0"));

  private SandboxClass() {}

  static ClassRules of(EgressPlan plan) {
    List<Reach> opening = new ArrayList<>();
    List<Reach> broad = new ArrayList<>();
    for (int i = 0; i < plan.rules().size(); i++) {
      if (plan.rules().get(i) instanceof EgressRule.ToRange rule) {
        (opens(plan, rule.range()) ? opening : broad)
            .add(reach(rule.range(), rule.transport(), rule.ports(), i + 1));
      }
    }
    // Else only what the resolver answered is open, and goes over the gate.
    if (plan.mode() == EgressMode.HTTPS && !plan.gate()) {
      for (IpRange all : EVERYWHERE) {
        broad.add(reach(all, Transport.TCP, PortRange.HTTPS, BY_MODE));
      }
    }
    List<IpRange> refused = new ArrayList<>(plan.refusedRanges());
    refused.addAll(plan.refusedHosts().addresses());
    return new ClassRules(
        opening,
        IpRange.outermost(refused).stream().map(SandboxClass::block).toList(),
        broad,
        plan.mode() == EgressMode.AUDIT);
  }

  /** Whether a rule by range is meant to open what is refused. */
  private static boolean opens(EgressPlan plan, IpRange range) {
    return plan.opensRefused(range)
        || plan.refusedHosts().addresses().stream().anyMatch(host -> host.contains(range));
  }

  private static Reach reach(IpRange range, Transport transport, PortRange ports, int rule) {
    return new Reach(block(range), transport.word(), ports.first(), ports.last(), rule);
  }

  private static Block block(IpRange range) {
    return new Block(range.first(), range.prefix());
  }

  /** Bytes that may be sent, by number of rule. */
  static Map<Integer, Long> budgets(EgressPlan plan) {
    Map<Integer, Long> budgets = new HashMap<>();
    for (int i = 0; i < plan.rules().size(); i++) {
      int number = i + 1;
      plan.rules().get(i).terms().maxUpload().ifPresent(most -> budgets.put(number, most.bytes()));
    }
    return budgets;
  }
}
