package dev.mayfly.nftables;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The parts of the table that are there whoever uses it.
 *
 * <p>A packet of a sandbox goes: source not its own → dropped · of an accepted connection → budget,
 * accepted · to the host → {@code host_SUPERVISOR} · else → the chain of its class. A connection's
 * mark is the number of the rule that allows it. All that is one sandbox's is found by the name of
 * its device, which its source addresses are bound to.
 *
 * @param network4 where sandboxes are
 * @param gateway4 the host's address for them
 */
public record Layout(Block network4, Block network6, InetAddress gateway4, InetAddress gateway6) {
  static final String TABLE = "inet mayfly";

  /** With what the names of all sandboxes' devices begin. */
  public static final String DEVICES = "mfy";

  /** Connections that one sandbox may have at once, those to the host included. */
  public static final int MOST_FLOWS = 8192;

  static final String MARKER = "layout_";

  /** The name of an empty chain that tells this layout from every other. */
  String marker() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(body().getBytes(StandardCharsets.UTF_8));
      return MARKER + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes the table; fails where there is one. */
  public String text() {
    return "create table "
        + TABLE
        + "\ntable "
        + TABLE
        + " {\n  chain "
        + marker()
        + " { }\n"
        + body()
        + "}\n";
  }

  /** Makes the rules of the table anew, and leaves what is in its sets. */
  public String repair() {
    return "flush table " + TABLE + "\ntable " + TABLE + " {\n" + filled(chains()) + "}\n";
  }

  private String body() {
    return filled(sets() + chains());
  }

  private String filled(String template) {
    return template
        .replace("DEV", '"' + DEVICES + "*\"")
        .replace("GATEWAY4", gateway4.getHostAddress())
        .replace("GATEWAY6", gateway6.getHostAddress())
        .replace("NETWORK4", network4.toString())
        .replace("NETWORK6", network6.toString())
        .replace("FLOWS", Integer.toString(MOST_FLOWS))
        .replace("LIMIT", "limit rate over 10/second burst 20 packets;");
  }

  private static String sets() {
    return """
      # Which source address a device may send from.
      set links4 { type ifname . ipv4_addr; }
      set links6 { type ifname . ipv6_addr; }
      # Where its packets go: to the world, to the host, with another's address, over budget.
      map sandboxes { type ifname : verdict; }
      map hosted { type ifname : verdict; }
      map spoofing { type ifname : verdict; }
      map spent { type ifname : verdict; }
      # Refused packets, and those of them that nobody was told of; connections nobody was told of.
      set refused { type ifname; counter; }
      set untold { type ifname; counter; }
      set unseen { type ifname; counter; }
      set talkative { type ifname; limit rate 50/second burst 100 packets; }
      set busy { type ifname; limit rate 200/second burst 400 packets; }
      # So that no sandbox fills the host's connection tracking, or keeps the resolver from others.
      set flows { type ifname; ct count over FLOWS; }
      set asking { type ifname; limit rate over 5000/second burst 10000 packets; }
      # Bytes that a sandbox may send by a rule.
      map budgets { type ifname . mark : quota; }
      map resolver4 { type ifname : ipv4_addr . inet_service; }
      map resolver6 { type ifname : ipv6_addr . inet_service; }
      # What is open for one sandbox, by rule; what of it goes over the gate.
      map open4 { type ifname . ipv4_addr . inet_proto . inet_service : mark; size 4194304; flags timeout; }
      map open6 { type ifname . ipv6_addr . inet_proto . inet_service : mark; size 4194304; flags timeout; }
      map gated4 { type ifname . ipv4_addr . inet_service : mark; size 4194304; flags timeout; }
      map gated6 { type ifname . ipv6_addr . inet_service : mark; size 4194304; flags timeout; }
      map gate4 { type ifname . ipv4_addr . inet_service : ipv4_addr . inet_service; size 4194304; flags timeout; }
      map gate6 { type ifname . ipv6_addr . inet_service : ipv6_addr . inet_service; size 4194304; flags timeout; }
      # What somebody was told of a short time ago: found where it comes so often that once more says nothing new.
      # The limits are asked twice for each packet that is logged.
      set told4 { type ifname . ipv4_addr . inet_proto . inet_service; size 65536; flags dynamic,timeout; timeout 10s; LIMIT }
      set told6 { type ifname . ipv6_addr . inet_proto . inet_service; size 65536; flags dynamic,timeout; timeout 10s; LIMIT }
      set toldany4 { type ifname . ipv4_addr . inet_proto; size 65536; flags dynamic,timeout; timeout 10s; LIMIT }
      set toldany6 { type ifname . ipv6_addr . inet_proto; size 65536; flags dynamic,timeout; timeout 10s; LIMIT }
      set seen4 { type ifname . ipv4_addr . inet_proto . inet_service; size 65536; flags dynamic,timeout; timeout 5m; LIMIT }
      set seen6 { type ifname . ipv6_addr . inet_proto . inet_service; size 65536; flags dynamic,timeout; timeout 5m; LIMIT }
      set seenany4 { type ifname . ipv4_addr . inet_proto; size 65536; flags dynamic,timeout; timeout 5m; LIMIT }
      set seenany6 { type ifname . ipv6_addr . inet_proto; size 65536; flags dynamic,timeout; timeout 5m; LIMIT }
      # Protocols whose header begins with a source and a destination port.
      set ported { type inet_proto; elements = { tcp, udp, udplite, sctp, dccp } }
      # Families for which the host was no router before.
      set closed { type nf_proto; }
    """
        .indent(0);
  }

  private static String chains() {
    return """
      chain rejected {
        meta l4proto tcp reject with tcp reset
        reject with icmpx admin-prohibited
      }
      chain dropped {
        drop
      }
      chain heard_rejected {
        meta l4proto @ported iifname . ip daddr . meta l4proto . th dport @told4 goto rejected
        meta l4proto @ported iifname . ip6 daddr . meta l4proto . th dport @told6 goto rejected
        meta l4proto != @ported iifname . ip daddr . meta l4proto @toldany4 goto rejected
        meta l4proto != @ported iifname . ip6 daddr . meta l4proto @toldany6 goto rejected
      }
      chain heard_dropped {
        meta l4proto @ported iifname . ip daddr . meta l4proto . th dport @told4 goto dropped
        meta l4proto @ported iifname . ip6 daddr . meta l4proto . th dport @told6 goto dropped
        meta l4proto != @ported iifname . ip daddr . meta l4proto @toldany4 goto dropped
        meta l4proto != @ported iifname . ip6 daddr . meta l4proto @toldany6 goto dropped
      }
      chain met {
        meta l4proto @ported iifname . ip daddr . meta l4proto . th dport @seen4 accept
        meta l4proto @ported iifname . ip6 daddr . meta l4proto . th dport @seen6 accept
        meta l4proto != @ported iifname . ip daddr . meta l4proto @seenany4 accept
        meta l4proto != @ported iifname . ip6 daddr . meta l4proto @seenany6 accept
      }
      chain prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname DEV goto arrived
        # Whoever trusts these addresses, such as the host's firewall, trusts the sandboxes alone.
        iifname != "lo" ip saddr NETWORK4 drop
        iifname != "lo" ip6 saddr NETWORK6 drop
      }
      chain arrived {
        iifname . ip saddr @links4 accept
        iifname . ip6 saddr @links6 accept
        # What every IPv6 host says on a link when it comes up.
        ip6 daddr ff02::/16 icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report, nd-router-solicit, nd-neighbor-solicit } drop
        iifname vmap @spoofing
        drop
      }
      chain translated {
        type nat hook prerouting priority dstnat; policy accept;
        iifname DEV ip daddr GATEWAY4 udp dport 53 dnat ip to iifname map @resolver4
        iifname DEV ip daddr GATEWAY4 tcp dport 53 dnat ip to iifname map @resolver4
        iifname DEV ip6 daddr GATEWAY6 udp dport 53 dnat ip6 to iifname map @resolver6
        iifname DEV ip6 daddr GATEWAY6 tcp dport 53 dnat ip6 to iifname map @resolver6
        iifname DEV ct mark set iifname . ip daddr . tcp dport map @gated4
        iifname DEV ct mark set iifname . ip6 daddr . tcp dport map @gated6
        iifname DEV dnat ip to iifname . ip daddr . tcp dport map @gate4
        iifname DEV dnat ip6 to iifname . ip6 daddr . tcp dport map @gate6
      }
      chain leaving {
        ct state established goto settled
        ct state related meta l4proto { icmp, icmpv6 } accept
        # Late packets of connections that are over.
        ct state invalid tcp flags & (fin | syn | rst | ack) != syn drop
      }
      chain settled {
        ct direction original ct mark != 0 quota name iifname . ct mark map @budgets iifname vmap @spent
        accept
      }
      chain input {
        type filter hook input priority filter; policy accept;
        iifname DEV meta l4proto udp ct original proto-dst 53 iifname @asking drop
        iifname DEV jump leaving
        iifname DEV iifname vmap @hosted
        iifname DEV drop
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname DEV jump leaving
        iifname DEV iifname vmap @sandboxes
        iifname DEV drop
        oifname DEV ct state established accept
        oifname DEV ct state related meta l4proto { icmp, icmpv6 } accept
        oifname DEV drop
        meta nfproto @closed drop
      }
      chain output {
        type filter hook output priority filter; policy accept;
        oifname DEV ct state established,related accept
        oifname DEV icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
        oifname DEV icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
        oifname DEV drop
      }
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr NETWORK4 oifname != DEV masquerade
        ip6 saddr NETWORK6 oifname != DEV masquerade
      }
    """
        .indent(0);
  }
}
