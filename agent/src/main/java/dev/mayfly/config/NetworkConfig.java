package dev.mayfly.config;

import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Quote;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The network that sandboxes are on.
 *
 * @param subnet IPv4, a /16 that no public host has an address of
 * @param dnsServers whom the resolver asks; empty: whom the host asks
 */
public record NetworkConfig(IpRange subnet, List<InetSocketAddress> dnsServers) {
  private static final int PREFIX = 16;
  private static final int DNS_PORT = 53;
  private static final Pattern SERVER =
      Pattern.compile("(?:([0-9.]+)|\\[([0-9a-fA-F:.]+)\\])(?::([0-9]{1,5}))?|([0-9a-fA-F:.]+)");

  /** What may be used inside a network: RFC 1918, RFC 6598, RFC 2544. */
  private static final List<IpRange> USABLE =
      List.of(
          IpRange.parse("10.0.0.0/8"),
          IpRange.parse("172.16.0.0/12"),
          IpRange.parse("192.168.0.0/16"),
          IpRange.parse("100.64.0.0/10"),
          IpRange.parse("198.18.0.0/15"));

  public static final NetworkConfig DEFAULT =
      new NetworkConfig(IpRange.parse("198.19.0.0/16"), List.of());

  public NetworkConfig {
    if (!subnet.isIpv4() || subnet.prefix() != PREFIX) {
      throw new IllegalArgumentException(
          "subnet must be an IPv4 network of prefix 16, not " + subnet);
    }
    if (USABLE.stream().noneMatch(usable -> usable.contains(subnet))) {
      throw new IllegalArgumentException(
          "subnet must be in "
              + String.join(", ", USABLE.stream().map(IpRange::toString).toList())
              + ", so that no public host has an address of it; "
              + subnet
              + " is not");
    }
    dnsServers = List.copyOf(dnsServers);
  }

  /**
   * Reads {@code ADDRESS}, {@code ADDRESS:PORT} or {@code [ADDRESS]:PORT}.
   *
   * @throws IllegalArgumentException where the text is none of them
   */
  static InetSocketAddress server(String text) {
    Matcher matcher = SERVER.matcher(text);
    if (!matcher.matches()) {
      throw notAServer(text);
    }
    String ipv4 = matcher.group(1);
    String ipv6 = matcher.group(2) == null ? matcher.group(4) : matcher.group(2);
    String port = matcher.group(3);
    try {
      IpRange address = IpRange.parse(ipv4 == null ? ipv6 : ipv4);
      if (address.isIpv4() != (ipv4 != null)) {
        throw notAServer(text);
      }
      return new InetSocketAddress(
          address.first(), port == null ? DNS_PORT : PortRange.parse(port).first());
    } catch (IllegalArgumentException e) {
      throw notAServer(text);
    }
  }

  /** What {@link #server} reads as the same. */
  static String show(InetSocketAddress server) {
    String address = IpRange.show(server.getAddress());
    return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + server.getPort();
  }

  private static IllegalArgumentException notAServer(String text) {
    return new IllegalArgumentException(
        Quote.of(text)
            + " is not a DNS server: write its address, such as 198.51.100.53, 198.51.100.53:5353 or"
            + " [2001:db8::53]:53");
  }
}
