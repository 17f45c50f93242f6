package dev.mayfly.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Network devices, addresses, neighbours and routes of one network name space, by rtnetlink(7).
 * Safe for use by many threads.
 */
public final class RouteNetlink implements AutoCloseable {
  private static final int NEWLINK = 16;
  private static final int DELLINK = 17;
  private static final int GETLINK = 18;
  private static final int SETLINK = 19;
  private static final int NEWADDR = 20;
  private static final int NEWROUTE = 24;
  private static final int DELROUTE = 25;
  private static final int GETROUTE = 26;
  private static final int NEWNEIGH = 28;

  private static final int IFF_UP = 1;
  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_IFALIAS = 20;
  private static final int IFLA_AF_SPEC = 26;
  private static final int IFLA_NET_NS_FD = 28;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int VETH_INFO_PEER = 1;
  private static final int IFLA_INET6_ADDR_GEN_MODE = 8;

  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_FLAGS = 8;

  /** Without duplicate address detection, and without a route of its own. */
  private static final int IFA_F_NODAD_NOPREFIXROUTE = 0x02 | 0x200;

  private static final int NUD_PERMANENT = 0x80;
  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;

  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RT_SCOPE_LINK = 253;
  private static final int RTN_UNICAST = 1;
  private static final int RTN_UNREACHABLE = 7;
  private static final int RTNH_F_ONLINK = 4;
  private static final int LAST_RESORT = 0x7fff_ffff;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  /** Who made our routes: no routing daemon's number (/etc/iproute2/rt_protos). */
  public static final int ORIGIN = 0x6d;

  private final NetlinkSocket socket;

  private RouteNetlink(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Of the network name space of the calling thread. */
  public static RouteNetlink open() throws IOException {
    return new RouteNetlink(NetlinkSocket.open(NetlinkSocket.ROUTE));
  }

  public static RouteNetlink openIn(HeldNamespace namespace) throws IOException {
    return namespace.inside(RouteNetlink::open);
  }

  /** One end of a pair of devices. */
  public record End(String name, MacAddress mac) {}

  /**
   * Makes a pair of devices (veth(4)), both down.
   *
   * @param peer in the other name space
   * @return false where a device has this name already; nothing was made then
   */
  public boolean addPair(End own, End peer, HeldNamespace peerNamespace) throws IOException {
    NetlinkMessage message =
        link(NEWLINK, NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE, 0, 0, 0)
            .text(IFLA_IFNAME, own.name())
            .attribute(IFLA_ADDRESS, own.mac().bytes());
    int info = message.begin(IFLA_LINKINFO);
    message.text(IFLA_INFO_KIND, "veth");
    int data = message.begin(IFLA_INFO_DATA);
    int there = message.begin(VETH_INFO_PEER);
    message
        .u8(0, 0)
        .u16(0)
        .u32(0)
        .u32(0)
        .u32(0)
        .text(IFLA_IFNAME, peer.name())
        .attribute(IFLA_ADDRESS, peer.mac().bytes())
        .attribute(IFLA_NET_NS_FD, peerNamespace.fd());
    message.end(there).end(data).end(info);
    return unlessThere(message, "RTM_NEWLINK", own.name());
  }

  /**
   * Makes a device that no packet leaves by, to carry addresses: a bridge without ports, which
   * every kernel with containers has.
   *
   * @return false where a device has this name already
   */
  public boolean addBridge(End own) throws IOException {
    NetlinkMessage message =
        link(NEWLINK, NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE, 0, 0, 0)
            .text(IFLA_IFNAME, own.name())
            .attribute(IFLA_ADDRESS, own.mac().bytes());
    int info = message.begin(IFLA_LINKINFO);
    message.text(IFLA_INFO_KIND, "bridge").end(info);
    return unlessThere(message, "RTM_NEWLINK", own.name());
  }

  public List<NetworkLink> links() throws IOException {
    List<NetworkLink> found = new ArrayList<>();
    for (NetlinkSocket.Answer answer :
        socket.dump(link(GETLINK, NetlinkMessage.DUMP, 0, 0, 0), "RTM_GETLINK")) {
      found.add(link(answer));
    }
    return found;
  }

  /** Empty where there is none of this name. */
  public Optional<NetworkLink> link(String name) throws IOException {
    NetlinkMessage message =
        new NetlinkMessage(GETLINK, 0).u8(0, 0).u16(0).u32(0).u32(0).u32(0).text(IFLA_IFNAME, name);
    try {
      return Optional.of(link(socket.ask(message, "RTM_GETLINK", name)));
    } catch (SyscallException e) {
      if (e.errno() == Errno.ENODEV) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static NetworkLink link(NetlinkSocket.Answer answer) {
    Map<Integer, ByteBuffer> attributes =
        NetlinkMessage.attributes(answer.body().duplicate().order(order()).position(16));
    return new NetworkLink(
        answer.body().getInt(4), text(attributes, IFLA_IFNAME), text(attributes, IFLA_IFALIAS));
  }

  /** Notes something on a device, 255 bytes at most. */
  public void alias(String name, String alias) throws IOException {
    change(
        link(SETLINK, 0, 0, 0, 0).text(IFLA_IFNAME, name).text(IFLA_IFALIAS, alias),
        "RTM_SETLINK alias",
        name);
  }

  /** Gives a device that is down no link-local address when it comes up. */
  public void withoutLinkLocal(int device) throws IOException {
    NetlinkMessage message = link(SETLINK, 0, device, 0, 0);
    int families = message.begin(IFLA_AF_SPEC);
    int inet6 = message.begin(AF_INET6);
    message.attribute(IFLA_INET6_ADDR_GEN_MODE, new byte[] {1}).end(inet6).end(families);
    change(message, "RTM_SETLINK addr_gen_mode", device);
  }

  public void up(int device) throws IOException {
    change(link(SETLINK, 0, device, IFF_UP, IFF_UP), "RTM_SETLINK up", device);
  }

  public void down(int device) throws IOException {
    change(link(SETLINK, 0, device, 0, IFF_UP), "RTM_SETLINK down", device);
  }

  /**
   * Removes a device, and its peer with it.
   *
   * @return false where there is none of this name
   */
  public boolean delete(String name) throws IOException {
    try {
      socket.change(link(DELLINK, 0, 0, 0, 0).text(IFLA_IFNAME, name), "RTM_DELLINK", name);
      return true;
    } catch (SyscallException e) {
      if (e.errno() == Errno.ENODEV) {
        return false;
      }
      throw e;
    }
  }

  /** Gives a device an address for itself alone: no range is behind it. */
  public void addAddress(int device, InetAddress address) throws IOException {
    NetlinkMessage message =
        request(NEWADDR, NetlinkMessage.CREATE | NetlinkMessage.REPLACE)
            .u8(family(address), bits(address), 0, 0)
            .u32(device)
            .attribute(IFA_LOCAL, address.getAddress())
            .attribute(IFA_ADDRESS, address.getAddress())
            .attribute(IFA_FLAGS, IFA_F_NODAD_NOPREFIXROUTE);
    change(message, "RTM_NEWADDR", address.getHostAddress());
  }

  /** Says for good which Ethernet address an address has. */
  public void addNeighbour(int device, InetAddress address, MacAddress mac) throws IOException {
    NetlinkMessage message =
        request(NEWNEIGH, NetlinkMessage.CREATE | NetlinkMessage.REPLACE)
            .u8(family(address), 0, 0, 0)
            .u32(device)
            .u16(NUD_PERMANENT)
            .u8(0, 0)
            .attribute(NDA_DST, address.getAddress())
            .attribute(NDA_LLADDR, mac.bytes());
    change(message, "RTM_NEWNEIGH", address.getHostAddress());
  }

  /** Sends packets for one address to a device. */
  public void addHostRoute(int device, InetAddress address) throws IOException {
    NetlinkMessage message =
        route(
                NEWROUTE,
                family(address),
                bits(address),
                family(address) == AF_INET ? RT_SCOPE_LINK : 0,
                RTN_UNICAST,
                0)
            .attribute(RTA_DST, address.getAddress())
            .attribute(RTA_OIF, device);
    change(message, "RTM_NEWROUTE", address.getHostAddress());
  }

  /** Sends all packets that have no other way to a gateway, which is at the device's other end. */
  public void addDefaultRoute(int device, InetAddress gateway) throws IOException {
    NetlinkMessage message =
        route(NEWROUTE, family(gateway), 0, 0, RTN_UNICAST, RTNH_F_ONLINK)
            .attribute(RTA_GATEWAY, gateway.getAddress())
            .attribute(RTA_OIF, device);
    change(message, "RTM_NEWROUTE default via", gateway.getHostAddress());
  }

  /** Answers packets for a range that have no better way with an error. */
  public void addUnreachable(InetAddress first, int prefix) throws IOException {
    change(unreachable(NEWROUTE, first, prefix), "RTM_NEWROUTE unreachable", name(first, prefix));
  }

  /**
   * Undoes {@link #addUnreachable}.
   *
   * @return false where it is undone already
   */
  public boolean deleteUnreachable(InetAddress first, int prefix) throws IOException {
    try {
      socket.change(
          unreachable(DELROUTE, first, prefix), "RTM_DELROUTE unreachable", name(first, prefix));
      return true;
    } catch (SyscallException e) {
      if (e.errno() == Errno.ESRCH) {
        return false;
      }
      throw e;
    }
  }

  private static NetlinkMessage unreachable(int type, InetAddress first, int prefix) {
    return route(type, family(first), prefix, 0, RTN_UNREACHABLE, 0)
        .attribute(RTA_DST, first.getAddress())
        .attribute(RTA_PRIORITY, LAST_RESORT);
  }

  private static String name(InetAddress first, int prefix) {
    return first.getHostAddress() + "/" + prefix;
  }

  /** Of all tables and both families. */
  public List<NetworkRoute> routes() throws IOException {
    List<NetworkRoute> found = new ArrayList<>();
    NetlinkMessage message =
        request(GETROUTE, NetlinkMessage.DUMP).u8(0, 0, 0, 0, 0, 0, 0, 0).u32(0);
    for (NetlinkSocket.Answer answer : socket.dump(message, "RTM_GETROUTE")) {
      ByteBuffer body = answer.body();
      int family = body.get(0);
      if (family == AF_INET || family == AF_INET6) {
        Map<Integer, ByteBuffer> attributes =
            NetlinkMessage.attributes(body.duplicate().order(order()).position(12));
        ByteBuffer device = attributes.get(RTA_OIF);
        found.add(
            new NetworkRoute(
                destination(family, attributes.get(RTA_DST)),
                Byte.toUnsignedInt(body.get(1)),
                device == null ? 0 : device.getInt(0),
                Byte.toUnsignedInt(body.get(5))));
      }
    }
    return found;
  }

  private static InetAddress destination(int family, @Nullable ByteBuffer bytes)
      throws UnknownHostException {
    byte[] address =
        bytes == null ? new byte[family == AF_INET ? 4 : 16] : NetlinkMessage.bytes(bytes);
    // InetAddress makes an IPv4 address of an IPv6 one that holds it.
    return family == AF_INET
        ? InetAddress.getByAddress(address)
        : Inet6Address.getByAddress(null, address, -1);
  }

  private static NetlinkMessage request(int type, int flags) {
    boolean dump = (flags & NetlinkMessage.DUMP) == NetlinkMessage.DUMP;
    return new NetlinkMessage(type, dump ? flags : flags | NetlinkMessage.ACK);
  }

  private static NetlinkMessage link(int type, int flags, int device, int state, int change) {
    return request(type, flags).u8(0, 0).u16(0).u32(device).u32(state).u32(change);
  }

  private static NetlinkMessage route(
      int type, int family, int prefix, int scope, int kind, int flags) {
    return request(type, type == NEWROUTE ? NetlinkMessage.CREATE | NetlinkMessage.REPLACE : 0)
        .u8(family, prefix, 0, 0, RT_TABLE_MAIN, ORIGIN, scope, kind)
        .u32(flags);
  }

  private boolean unlessThere(NetlinkMessage message, String operation, String name)
      throws IOException {
    try {
      socket.change(message, operation, name);
      return true;
    } catch (SyscallException e) {
      if (e.errno() == Errno.EEXIST) {
        return false;
      }
      throw e;
    }
  }

  private void change(NetlinkMessage message, String operation, Object object) throws IOException {
    socket.change(message, operation, object);
  }

  private static ByteOrder order() {
    return ByteOrder.nativeOrder();
  }

  private static String text(Map<Integer, ByteBuffer> attributes, int type) {
    ByteBuffer value = attributes.get(type);
    return value == null ? "" : NetlinkMessage.text(value);
  }

  private static int family(InetAddress address) {
    return address instanceof Inet4Address ? AF_INET : AF_INET6;
  }

  private static int bits(InetAddress address) {
    return address.getAddress().length * 8;
  }

  @Override
  public void close() {
    socket.close();
  }
}
