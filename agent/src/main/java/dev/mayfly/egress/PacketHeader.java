package dev.mayfly.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a packet's first bytes tell (RFC 791, RFC 8200). They are the sandbox's: nothing of them is
 * believed but what the kernel routed by.
 *
 * @param port empty where the protocol has none, or it was cut off
 */
record PacketHeader(
    InetAddress source, InetAddress destination, String protocol, OptionalInt port) {
  private static final int IPV4_LEAST = 20;
  private static final int IPV6_LENGTH = 40;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;

  /** Empty where the bytes are no IP packet. */
  static Optional<PacketHeader> of(byte[] packet) {
    if (packet.length >= IPV4_LEAST && packet[0] >>> 4 == 4) {
      boolean first = (u16(packet, 6) & 0x1fff) == 0;
      return header(
          packet, 12, 4, Byte.toUnsignedInt(packet[9]), first ? (packet[0] & 15) * 4 : -1);
    }
    if (packet.length >= IPV6_LENGTH && packet[0] >>> 4 == 6) {
      return ipv6(packet);
    }
    return Optional.empty();
  }

  private static Optional<PacketHeader> ipv6(byte[] packet) {
    int protocol = Byte.toUnsignedInt(packet[6]);
    int at = IPV6_LENGTH;
    boolean first = true;
    while (isExtension(protocol) && at + 8 <= packet.length) {
      int length = (Byte.toUnsignedInt(packet[at + 1]) + 1) * 8;
      if (protocol == FRAGMENT) {
        first = (u16(packet, at + 2) & 0xfff8) == 0;
        length = 8;
      } else if (protocol == AUTHENTICATION) {
        length = (Byte.toUnsignedInt(packet[at + 1]) + 2) * 4;
      }
      protocol = Byte.toUnsignedInt(packet[at]);
      at += length;
    }
    return header(packet, 8, 16, protocol, first ? at : -1);
  }

  /** Hop-by-hop and destination options, routing, fragment, authentication. */
  private static boolean isExtension(int protocol) {
    return protocol == 0
        || protocol == 43
        || protocol == FRAGMENT
        || protocol == AUTHENTICATION
        || protocol == 60;
  }

  private static Optional<PacketHeader> header(
      byte[] packet, int addresses, int length, int protocol, int transport) {
    boolean port = hasPorts(protocol) && transport >= 0 && transport + 4 <= packet.length;
    try {
      return Optional.of(
          new PacketHeader(
              address(packet, addresses, length),
              address(packet, addresses + length, length),
              name(protocol),
              port ? OptionalInt.of(u16(packet, transport + 2)) : OptionalInt.empty()));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An IPv4 address in IPv6 form becomes what it means: an IPv4 address. */
  private static InetAddress address(byte[] packet, int at, int length)
      throws UnknownHostException {
    return InetAddress.getByAddress(Arrays.copyOfRange(packet, at, at + length));
  }

  private static int u16(byte[] packet, int at) {
    return Byte.toUnsignedInt(packet[at]) << 8 | Byte.toUnsignedInt(packet[at + 1]);
  }

  private static boolean hasPorts(int protocol) {
    return switch (protocol) {
      case 6, 17, 33, 132, 136 -> true;
      default -> false;
    };
  }

  private static String name(int protocol) {
    return switch (protocol) {
      case 1 -> "icmp";
      case 2 -> "igmp";
      case 6 -> "tcp";
      case 17 -> "udp";
      case 33 -> "dccp";
      case 41 -> "ipv6";
      case 47 -> "gre";
      case 50 -> "esp";
      case 58 -> "icmpv6";
      case 132 -> "sctp";
      case 136 -> "udplite";
      default -> "ip-" + protocol;
    };
  }
}
