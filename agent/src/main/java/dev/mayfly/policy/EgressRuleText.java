package dev.mayfly.policy;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads rules as the configuration writes them. */
final class EgressRuleText {
  private static final Pattern GROUP = Pattern.compile("@[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern BRACKETS = Pattern.compile("\\[([^\\[\\]]*)\\](?::(.*))?");
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+(?:/.*)?|.*/.*");
  private static final String UDP = "/udp";

  /** A port by name is opened for each address of the name, one element each. */
  private static final int MOST_PORTS_BY_NAME = 16;

  /** Where no host is, or none that a packet from a sandbox could be routed to. */
  private static final List<IpRange> NOWHERE =
      List.of(
          IpRange.parse("0.0.0.0/8"),
          IpRange.parse("127.0.0.0/8"),
          IpRange.parse("224.0.0.0/4"),
          IpRange.parse("255.255.255.255/32"),
          IpRange.parse("::/128"),
          IpRange.parse("::1/128"),
          IpRange.parse("fe80::/10"),
          IpRange.parse("ff00::/8"));

  private static final IpRange MAPPED = IpRange.parse("::ffff:0:0/96");

  private EgressRuleText() {}

  static EgressRule parse(String text) {
    if (text.startsWith("@")) {
      return group(text);
    }
    if (text.contains("://")) {
      throw wrong(
          text, "is a URL: write its host and port alone, such as packages.example.org:443");
    }
    Transport transport = text.endsWith(UDP) ? Transport.UDP : Transport.TCP;
    String bare =
        transport == Transport.UDP ? text.substring(0, text.length() - UDP.length()) : text;
    if (bare.endsWith("/tcp")) {
      throw wrong(text, "says /tcp, which is meant anyway: leave it out");
    }
    Matcher brackets = BRACKETS.matcher(bare);
    if (brackets.matches()) {
      return range(text, brackets.group(1), transport, brackets.group(2));
    }
    int colon = bare.lastIndexOf(':');
    String host = colon < 0 ? bare : bare.substring(0, colon);
    if (host.indexOf(':') >= 0 || bare.indexOf('[') >= 0) {
      throw wrong(
          text, "has an IPv6 address without brackets: write one such as [2001:db8::1]:443");
    }
    String ports = colon < 0 ? null : bare.substring(colon + 1);
    if (NUMERIC.matcher(host).matches()) {
      return range(text, host, transport, ports);
    }
    if (transport == Transport.UDP && ports == null) {
      throw wrong(text, "has no port: write one such as " + host + ":443/udp");
    }
    return name(text, host, transport, ports == null ? PortRange.HTTPS : portsOf(ports, text));
  }

  private static EgressRule group(String text) {
    if (text.indexOf(':') >= 0) {
      throw wrong(text, "has a port, but a group's hosts have their own: write the group alone");
    }
    if (!GROUP.matcher(text).matches()) {
      throw wrong(text, "is not a group's name: write @ and lower-case letters, digits and '-'");
    }
    return new EgressRule.ToGroup(text, text, EgressRule.Terms.NONE);
  }

  private static PortRange portAfter(@Nullable String ports, String text) {
    if (ports == null) {
      throw wrong(text, "has no port: add one, as in " + Quote.escape(text) + ":443");
    }
    return portsOf(ports, text);
  }

  private static PortRange portsOf(String ports, String text) {
    try {
      return PortRange.parse(ports);
    } catch (IllegalArgumentException e) {
      throw wrong(text, "has no valid port: " + e.getMessage());
    }
  }

  private static EgressRule range(
      String text, String address, Transport transport, @Nullable String written) {
    IpRange range = IpRange.parse(address);
    PortRange ports = portAfter(written, text);
    if (MAPPED.contains(range)) {
      throw wrong(text, "is an IPv4 address in IPv6 form: write it as an IPv4 address");
    }
    if (NOWHERE.stream().anyMatch(nowhere -> nowhere.contains(range))) {
      throw wrong(
          text,
          "can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified"
              + " addresses are no other host's; delete it");
    }
    return new EgressRule.ToRange(text, range, transport, ports, EgressRule.Terms.NONE);
  }

  private static EgressRule name(String text, String host, Transport transport, PortRange ports) {
    if (host.equals("*")) {
      throw wrong(
          text,
          "means every host: set mode: https for that, or name ranges such as 0.0.0.0/0:443 and"
              + " [::/0]:443");
    }
    if (host.lastIndexOf('*') > 0 || (host.startsWith("*") && !host.startsWith("*."))) {
      throw wrong(text, "has its * in the wrong place: only *.NAME is a wildcard");
    }
    if (ports.count() > MOST_PORTS_BY_NAME) {
      throw wrong(
          text,
          "names "
              + ports.count()
              + " ports: by name at most "
              + MOST_PORTS_BY_NAME
              + " are; name the range of addresses, or fewer ports");
    }
    return new EgressRule.ToName(
        text, DomainPattern.parse(host), transport, ports, EgressRule.Terms.NONE);
  }

  private static IllegalArgumentException wrong(String text, String cause) {
    return new IllegalArgumentException(Quote.of(text) + " " + cause);
  }
}
