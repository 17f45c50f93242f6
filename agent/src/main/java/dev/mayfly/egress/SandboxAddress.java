package dev.mayfly.egress;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Where a sandbox is on the network.
 *
 * @param device the host's end of its link, which no other sandbox has
 * @param ipv4 the only source address that it may use
 * @param ipv6 idem
 */
public record SandboxAddress(String device, Inet4Address ipv4, Inet6Address ipv6) {
  public boolean has(InetAddress source) {
    return ipv4.equals(source) || ipv6.equals(source);
  }
}
