package dev.mayfly.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * What the kernel remembers of connections (ctnetlink), in the network name space of the thread
 * that opened it.
 */
public final class Conntrack implements AutoCloseable {
  private static final int GET = 1 << 8 | 1;
  private static final int DELETE = 1 << 8 | 2;
  private static final int TUPLE_ORIGINAL = 1;
  private static final int TUPLE_IP = 1;
  private static final int V4_SOURCE = 1;
  private static final int V6_SOURCE = 3;
  private static final int ID = 12;
  private static final int FILTER = 25;
  private static final int FILTER_ORIGINAL = 1;
  private static final int FILTER_SOURCE_ADDRESS = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  private final NetlinkSocket socket;

  private Conntrack(NetlinkSocket socket) {
    this.socket = socket;
  }

  public static Conntrack open() throws IOException {
    return new Conntrack(NetlinkSocket.open(NetlinkSocket.NETFILTER));
  }

  /**
   * Forgets every connection that an address opened, so that who has it next can't go on with one.
   *
   * @return how many there were
   */
  public int forget(InetAddress source) throws IOException {
    int count = 0;
    for (NetlinkSocket.Answer answer : socket.dump(listing(source), "IPCTNL_MSG_CT_GET")) {
      ByteBuffer body = answer.body().duplicate().order(ByteOrder.nativeOrder());
      Map<Integer, ByteBuffer> entry = NetlinkMessage.attributes(body.position(4));
      ByteBuffer tuple = entry.get(TUPLE_ORIGINAL);
      ByteBuffer id = entry.get(ID);
      if (tuple != null && id != null && isFrom(source, tuple)) {
        NetlinkMessage delete =
            header(DELETE, NetlinkMessage.ACK, source)
                .attribute(TUPLE_ORIGINAL | 0x8000, NetlinkMessage.bytes(tuple))
                .attribute(ID, NetlinkMessage.bytes(id));
        try {
          socket.change(delete, "IPCTNL_MSG_CT_DELETE", source.getHostAddress());
          count++;
        } catch (SyscallException e) {
          if (e.errno() != Errno.ENOENT) {
            throw e;
          }
        }
      }
    }
    return count;
  }

  /** The kernel looks for the source where it can (5.8); {@link #isFrom} holds for all. */
  private static NetlinkMessage listing(InetAddress source) {
    NetlinkMessage message = header(GET, NetlinkMessage.DUMP, source);
    int tuple = message.begin(TUPLE_ORIGINAL);
    int address = message.begin(TUPLE_IP);
    message
        .attribute(source instanceof Inet4Address ? V4_SOURCE : V6_SOURCE, source.getAddress())
        .end(address)
        .end(tuple);
    int filter = message.begin(FILTER);
    return message.attribute(FILTER_ORIGINAL, FILTER_SOURCE_ADDRESS).end(filter);
  }

  private static NetlinkMessage header(int type, int flags, InetAddress address) {
    return new NetlinkMessage(type, flags)
        .u8(address instanceof Inet4Address ? AF_INET : AF_INET6, 0, 0, 0);
  }

  private static boolean isFrom(InetAddress source, ByteBuffer tuple) {
    ByteBuffer ip = NetlinkMessage.attributes(tuple.duplicate().order(tuple.order())).get(TUPLE_IP);
    if (ip == null) {
      return false;
    }
    ByteBuffer address =
        NetlinkMessage.attributes(ip).get(source instanceof Inet4Address ? V4_SOURCE : V6_SOURCE);
    return address != null && Arrays.equals(NetlinkMessage.bytes(address), source.getAddress());
  }

  @Override
  public void close() {
    socket.close();
  }
}
