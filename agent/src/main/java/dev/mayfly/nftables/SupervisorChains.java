package dev.mayfly.nftables;

import java.time.Duration;
import java.util.List;

/**
 * The chains of one supervisor: they log to its own group, and ask for its own sign of life.
 *
 * @param supervisor its id: lower-case letters and digits
 */
record SupervisorChains(String supervisor) {
  private static final List<String> KINDS =
      List.of("host", "refuse", "late", "spent", "crowded", "spoofed", "allowed", "recorded");
  private static final List<String> FAMILIES = List.of("4", "6");
  private static final String CLASS = "class_";

  SupervisorChains {
    if (!supervisor.matches("[a-z0-9]{1,16}")) {
      throw new IllegalArgumentException("no supervisor's id: " + supervisor);
    }
  }

  String chain(String kind) {
    return kind + "_" + supervisor;
  }

  String classChain(int number) {
    return classPrefix() + number;
  }

  String classPrefix() {
    return CLASS + supervisor + "_";
  }

  private String alive() {
    return "alive_" + supervisor;
  }

  /** Makes them. */
  String add(Layout layout, int group) {
    StringBuilder text = new StringBuilder();
    text.append("table ").append(Layout.TABLE).append(" {\n");
    text.append("  set %s { type nf_proto; flags timeout; }\n".formatted(alive()));
    refusal(text, "refuse", LogPrefix.REFUSED, group, "rejected");
    refusal(text, "late", LogPrefix.LATE, group, "rejected");
    refusal(text, "spent", LogPrefix.SPENT, group, "rejected");
    refusal(text, "crowded", LogPrefix.CROWDED, group, "rejected");
    refusal(text, "spoofed", LogPrefix.SPOOFED, group, "dropped");
    acceptance(text, "allowed", LogPrefix.ALLOWED, group);
    acceptance(text, "recorded", LogPrefix.RECORDED, group);
    open(text, "host");
    rule(text, "meta nfproto != @" + alive() + " goto " + chain("late"));
    bounds(text);
    rule(text, "ct status dnat ip daddr " + layout.gateway4().getHostAddress() + " accept");
    rule(text, "ct status dnat ip6 daddr " + layout.gateway6().getHostAddress() + " accept");
    rule(text, "goto " + chain("refuse"));
    return text.append("  }\n}\n").toString();
  }

  /**
   * Every packet is counted; so many of equal ones and so many of all are logged in a second; those
   * of which no equal one is logged either are counted once more.
   */
  private void refusal(
      StringBuilder text, String kind, LogPrefix prefix, int group, String verdict) {
    open(text, kind);
    rule(text, "iifname @refused");
    rule(text, "jump heard_" + verdict);
    logs(text, "talkative", "told", log(prefix, group) + " goto " + verdict);
    rule(text, "iifname @untold");
    rule(text, "goto " + verdict);
    text.append("  }\n");
  }

  private void acceptance(StringBuilder text, String kind, LogPrefix prefix, int group) {
    open(text, kind);
    bounds(text);
    rule(text, "jump met");
    logs(text, "busy", "seen", log(prefix, group) + " accept");
    rule(text, "iifname @unseen");
    rule(text, "accept");
    text.append("  }\n");
  }

  /** What holds even for what is allowed, from the first packet of a connection. */
  private void bounds(StringBuilder text) {
    rule(text, "ct mark != 0 quota name iifname . ct mark map @budgets iifname vmap @spent");
    rule(text, "iifname @flows goto " + chain("crowded"));
  }

  /**
   * What comes by here is noted in a set, so that only so much of it comes again, and is logged.
   */
  private static void logs(StringBuilder text, String limit, String logged, String log) {
    for (String family : FAMILIES) {
      String of = "meta nfproto ipv" + family + " meta l4proto ";
      String key = "iifname . " + (family.equals("4") ? "ip" : "ip6") + " daddr . meta l4proto";
      rule(text, of + "@ported add @" + logged + family + " { " + key + " . th dport }");
      rule(text, of + "!= @ported add @" + logged + "any" + family + " { " + key + " }");
    }
    rule(text, "iifname @" + limit + " " + log);
  }

  private void open(StringBuilder text, String kind) {
    text.append("  chain ").append(chain(kind)).append(" {\n");
  }

  private static void rule(StringBuilder text, String rule) {
    text.append("    ").append(rule).append('\n');
  }

  private static String log(LogPrefix prefix, int group) {
    return "log prefix \"" + prefix.word() + "\" group " + group + " snaplen 128";
  }

  /** Takes them away; fails where a class or a sandbox still uses them. */
  String remove() {
    StringBuilder text = new StringBuilder();
    KINDS.forEach(kind -> text.append("flush chain inet mayfly " + chain(kind) + "\n"));
    KINDS.forEach(kind -> text.append("delete chain inet mayfly " + chain(kind) + "\n"));
    return text.append("delete set inet mayfly " + alive() + "\n").toString();
  }

  /** The sign of life, which holds for a time from now, whether the last one holds or not. */
  String beat(Duration time) {
    return "add element inet mayfly %1$s { ipv4, ipv6 }\ndelete element inet mayfly %1$s { ipv4, ipv6 }\n"
            .formatted(alive())
        + "add element inet mayfly %1$s { ipv4 timeout %2$s, ipv6 timeout %2$s }\n"
            .formatted(alive(), Elements.time(time));
  }

  /** The chain of a class. */
  String addClass(int number, ClassRules rules) {
    StringBuilder text = new StringBuilder();
    text.append("table ").append(Layout.TABLE).append(" {\n  chain ");
    text.append(classChain(number)).append(" {\n");
    rule(text, "meta nfproto != @" + alive() + " goto " + chain("late"));
    return text.toString()
        + ClassChain.body(this, rules)
        + "    goto %s\n  }\n}\n".formatted(chain("refuse"));
  }

  String removeClass(String chain) {
    return "flush chain inet mayfly %1$s\ndelete chain inet mayfly %1$s\n".formatted(chain);
  }
}
