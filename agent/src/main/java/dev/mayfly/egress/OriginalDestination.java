package dev.mayfly.egress;

import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Where a connection was going before the kernel's DNAT turned it to the gate, as connection
 * tracking remembers it (linux/netfilter_ipv4.h, linux/netfilter_ipv6/ip6_tables.h).
 */
final class OriginalDestination {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int SO_ORIGINAL_DST = 80;
  private static final int SOCKADDR_IN = 16;
  private static final int SOCKADDR_IN6 = 28;
  private static final int PORT_OFFSET = 2;
  private static final int ADDRESS_OFFSET = 4;
  private static final int ADDRESS6_OFFSET = 8;

  private static final RawUnixChannelOption V4 =
      new RawUnixChannelOption("SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, SOCKADDR_IN);
  private static final RawUnixChannelOption V6 =
      new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, SOCKADDR_IN6);

  private OriginalDestination() {}

  /** Empty where the connection was not turned here but made to the gate itself. */
  static Optional<InetSocketAddress> of(SocketChannel channel) {
    boolean v4 = channel.localAddress().getAddress() instanceof Inet4Address;
    ByteBuffer raw;
    try {
      raw = channel.config().getOption(v4 ? V4 : V6);
    } catch (ChannelException e) {
      // ENOENT: the connection is not tracked, and so not turned.
      return Optional.empty();
    }
    InetSocketAddress original = address(raw, v4);
    return original.equals(channel.localAddress()) ? Optional.empty() : Optional.of(original);
  }

  private static InetSocketAddress address(ByteBuffer raw, boolean v4) {
    byte[] address = new byte[v4 ? 4 : 16];
    raw.get(v4 ? ADDRESS_OFFSET : ADDRESS6_OFFSET, address);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(address), Short.toUnsignedInt(raw.getShort(PORT_OFFSET)));
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of " + address.length + " bytes", e);
    }
  }
}
