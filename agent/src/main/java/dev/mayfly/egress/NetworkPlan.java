package dev.mayfly.egress;

import dev.mayfly.linux.MacAddress;
import dev.mayfly.nftables.Block;
import dev.mayfly.nftables.Layout;
import dev.mayfly.policy.IpRange;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where sandboxes are on the network. Each has a number, from which all that is its own follows:
 * device, Ethernet addresses, addresses.
 *
 * @param ipv4 a range that is in use nowhere else
 * @param ipv6 idem
 * @param state a directory that is gone after a restart of the host
 */
public record NetworkPlan(IpRange ipv4, IpRange ipv6, Path state) {
  public static final NetworkPlan DEFAULT =
      new NetworkPlan(
          IpRange.parse("198.19.0.0/16"),
          IpRange.parse("fd6d:6179:666c:1::/64"),
          Path.of("/run/mayfly/network"));

  /** Carries the gateway's addresses, where resolver and TLS gate listen. */
  static final String GATEWAY_DEVICE = "mfy-gw";

  /** What a sandbox calls its end. */
  static final String INSIDE = "eth0";

  static final int FIRST = 2;

  private static final int GATEWAY = 1;
  private static final int NARROWEST_IPV4 = 24;
  private static final int WIDEST_IPV4 = 12;
  private static final Pattern DEVICE = Pattern.compile(Layout.DEVICES + "([0-9a-f]{3,5})");

  /** Locally administered; "mf". */
  private static final long MAC_PREFIX = 0x02_6d_66_000000L;

  private static final long INSIDE_MAC = 0x800000;

  public NetworkPlan {
    if (!ipv4.isIpv4() || ipv4.prefix() < WIDEST_IPV4 || ipv4.prefix() > NARROWEST_IPV4) {
      throw new IllegalArgumentException(
          ipv4 + " is no IPv4 range for sandboxes: its prefix is /12 to /24");
    }
    if (ipv6.isIpv4() || ipv6.prefix() > 96) {
      throw new IllegalArgumentException(
          ipv6 + " is no IPv6 range for sandboxes: its prefix is at most /96");
    }
  }

  /** How many numbers there are, from {@link #FIRST} on. */
  int size() {
    return (1 << (32 - ipv4.prefix())) - FIRST - 1;
  }

  public Inet4Address gateway4() {
    return (Inet4Address) at(ipv4, GATEWAY);
  }

  public Inet6Address gateway6() {
    return (Inet6Address) at(ipv6, GATEWAY);
  }

  SandboxAddress address(int number) {
    return new SandboxAddress(
        device(number), (Inet4Address) at(ipv4, number), (Inet6Address) at(ipv6, number));
  }

  private static String device(int number) {
    return Layout.DEVICES + "%03x".formatted(number);
  }

  /** The number of the sandbox whose device has this name; empty where it is no sandbox's. */
  static OptionalInt number(String device) {
    Matcher matcher = DEVICE.matcher(device);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1), 16))
        : OptionalInt.empty();
  }

  MacAddress outsideMac(int number) {
    return new MacAddress(MAC_PREFIX | number);
  }

  MacAddress insideMac(int number) {
    return new MacAddress(MAC_PREFIX | INSIDE_MAC | number);
  }

  Layout layout() {
    return new Layout(
        new Block(ipv4.first(), ipv4.prefix()),
        new Block(ipv6.first(), ipv6.prefix()),
        gateway4(),
        gateway6());
  }

  private static InetAddress at(IpRange range, int number) {
    byte[] first = range.first().getAddress();
    byte[] sum = new BigInteger(1, first).add(BigInteger.valueOf(number)).toByteArray();
    byte[] bytes = new byte[first.length];
    int length = Math.min(sum.length, bytes.length);
    System.arraycopy(sum, sum.length - length, bytes, bytes.length - length, length);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(Arrays.toString(bytes), e);
    }
  }
}
