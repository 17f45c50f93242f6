package dev.mayfly.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * IPv4 addresses within IPv6 ones. A router on the way may unpack them, so an address is only as
 * good as what it holds.
 */
final class EmbeddedAddress {
  private EmbeddedAddress() {}

  /** All that an address can lead to, itself first. */
  static List<InetAddress> within(InetAddress address) {
    if (address instanceof Inet4Address) {
      return List.of(address);
    }
    byte[] bytes = address.getAddress();
    List<InetAddress> found = new ArrayList<>(List.of(address));
    if (starts(bytes, 0x20, 0x02)) { // 6to4, RFC 3056
      found.add(ipv4(bytes, 2, 0));
    } else if (starts(bytes, 0x20, 0x01, 0, 0)) { // Teredo, RFC 4380: server, and client inverted
      found.add(ipv4(bytes, 4, 0));
      found.add(ipv4(bytes, 12, 0xff));
    } else if (starts(bytes, 0, 0x64, 0xff, 0x9b, 0, 1)) { // local NAT64, RFC 8215, RFC 6052
      found.add(of(bytes[6], bytes[7], bytes[9], bytes[10]));
      found.add(ipv4(bytes, 12, 0));
    } else if (starts(bytes, 0, 0x64, 0xff, 0x9b) // NAT64, RFC 6052
        || starts(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // IPv4-compatible, RFC 4291
        || starts(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0) // translated, RFC 2765
        || isIsatap(bytes)) {
      found.add(ipv4(bytes, 12, 0));
    }
    return found;
  }

  /** RFC 5214. */
  private static boolean isIsatap(byte[] bytes) {
    return (bytes[8] & 0xfd) == 0
        && bytes[9] == 0
        && bytes[10] == 0x5e
        && (bytes[11] & 0xff) == 0xfe;
  }

  private static boolean starts(byte[] bytes, int... first) {
    for (int i = 0; i < first.length; i++) {
      if ((bytes[i] & 0xff) != first[i]) {
        return false;
      }
    }
    return true;
  }

  private static InetAddress ipv4(byte[] bytes, int at, int inverted) {
    return of(
        (byte) (bytes[at] ^ inverted),
        (byte) (bytes[at + 1] ^ inverted),
        (byte) (bytes[at + 2] ^ inverted),
        (byte) (bytes[at + 3] ^ inverted));
  }

  private static InetAddress of(byte... bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an IPv4 address", e);
    }
  }
}
