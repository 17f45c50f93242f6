package dev.mayfly.nftables;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * Addresses that have the first bits in common.
 *
 * @param first with all further bits zero
 */
public record Block(InetAddress first, int prefix) {
  boolean isIpv4() {
    return first instanceof Inet4Address;
  }

  /** What matches a packet that goes there. */
  String destination() {
    if (prefix == 0) {
      return isIpv4() ? "meta nfproto ipv4" : "meta nfproto ipv6";
    }
    return (isIpv4() ? "ip daddr " : "ip6 daddr ") + this;
  }

  @Override
  public String toString() {
    return first.getHostAddress() + "/" + prefix;
  }
}
