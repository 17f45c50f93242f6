package dev.mayfly.egress;

import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the packet layer has to open for an answer. */
final class NameOpenings {
  private static final int HTTPS = PortRange.HTTPS.first();

  private NameOpenings() {}

  static List<Opening> of(
      EgressPlan plan,
      List<EgressPlan.Numbered> rules,
      List<InetAddress> addresses,
      Duration time) {
    Map<Target, Opening> openings = new LinkedHashMap<>();
    for (EgressPlan.Numbered numbered : rules) {
      if (numbered.rule() instanceof EgressRule.ToName rule) {
        for (int port = rule.ports().first(); port <= rule.ports().last(); port++) {
          boolean https = rule.transport() == Transport.TCP && port == HTTPS;
          if (https && isBroad(plan) && rule.terms().maxUpload().isEmpty()) {
            continue;
          }
          for (InetAddress address : addresses) {
            add(
                openings,
                new Opening(
                    address,
                    rule.transport(),
                    port,
                    numbered.number(),
                    https && !isUngated(plan),
                    time));
          }
        }
      }
    }
    if (plan.mode() == EgressMode.HTTPS && plan.gate()) {
      for (InetAddress address : addresses) {
        add(openings, new Opening(address, Transport.TCP, HTTPS, SandboxClass.BY_MODE, true, time));
      }
    }
    return List.copyOf(openings.values());
  }

  /** What can be opened once. */
  private record Target(InetAddress address, Transport transport, int port, boolean gated) {}

  /** Of several rules for one target the first counts, and any before the mode. */
  private static void add(Map<Target, Opening> openings, Opening opening) {
    openings.putIfAbsent(
        new Target(opening.destination(), opening.transport(), opening.port(), opening.gated()),
        opening);
  }

  /** Whether any host may be reached on TCP 443 without the gate. */
  private static boolean isBroad(EgressPlan plan) {
    return plan.mode() == EgressMode.HTTPS && !plan.gate();
  }

  private static boolean isUngated(EgressPlan plan) {
    return isBroad(plan) || plan.mode() == EgressMode.AUDIT;
  }
}
