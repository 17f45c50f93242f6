package dev.mayfly.egress;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Which addresses are the host's own. */
final class HostAddress {
  private HostAddress() {}

  /**
   * Whether a connection would stay on this host. The kernel is asked for a route, and nothing is
   * sent: to its own addresses it goes from the very same address.
   */
  static boolean is(InetSocketAddress to) throws IOException {
    Socket socket = Socket.newSocketDgram();
    try {
      socket.connect(to);
      return socket.localAddress().getAddress().equals(to.getAddress());
    } finally {
      Reset.close(socket);
    }
  }
}
