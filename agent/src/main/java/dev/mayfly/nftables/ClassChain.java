package dev.mayfly.nftables;

import java.util.List;
import java.util.stream.Collectors;

/** What the chain of a class asks of a packet, between the sign of life and the final refusal. */
final class ClassChain {
  private ClassChain() {}

  static String body(SupervisorChains chains, ClassRules rules) {
    StringBuilder text = new StringBuilder();
    String allowed = " goto " + chains.chain("allowed");
    String refuse = " goto " + chains.chain("refuse");
    line(text, "oifname \"%s*\"".formatted(Layout.DEVICES) + refuse);
    for (String family : List.of("4", "6")) {
      line(
          text,
          "ct mark set iifname . %s daddr . meta l4proto . th dport map @open%s"
                  .formatted(family.equals("4") ? "ip" : "ip6", family)
              + allowed);
    }
    rules.opening().forEach(reach -> reach(text, reach, allowed));
    refused(text, rules, true, refuse);
    refused(text, rules, false, refuse);
    rules.broad().forEach(reach -> reach(text, reach, allowed));
    if (rules.everything()) {
      line(text, "goto " + chains.chain("recorded"));
    }
    return text.toString();
  }

  private static void reach(StringBuilder text, Reach reach, String allowed) {
    line(text, reach.match() + " ct mark set " + reach.rule() + allowed);
  }

  private static void refused(StringBuilder text, ClassRules rules, boolean ipv4, String refuse) {
    String blocks =
        rules.refused().stream()
            .filter(block -> block.isIpv4() == ipv4)
            .map(Block::toString)
            .collect(Collectors.joining(", "));
    if (!blocks.isEmpty()) {
      line(text, (ipv4 ? "ip" : "ip6") + " daddr { " + blocks + " }" + refuse);
    }
  }

  private static void line(StringBuilder text, String rule) {
    text.append("    ").append(rule).append('\n');
  }
}
