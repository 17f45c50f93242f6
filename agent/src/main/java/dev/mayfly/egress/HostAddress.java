package dev.mayfly.egress;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;

/** Which addresses are the host's own. */
final class HostAddress {
  private HostAddress() {}

  /**
   * Whether a connection would stay on this host. The kernel is asked for a route, and nothing is
   * sent: to its own addresses it goes from the very same address. Where there is no route at all,
   * it does not stay here.
   *
   * @throws IOException where the kernel does not tell; unchecked where there is no socket to ask
   */
  static boolean is(InetSocketAddress to) throws IOException {
    if (to.getAddress().isLoopbackAddress() || to.getAddress().isAnyLocalAddress()) {
      // To 127.0.0.9 it goes from 127.0.0.1.
      return true;
    }
    Socket socket = Socket.newSocketDgram();
    try {
      socket.connect(to);
      return socket.localAddress().getAddress().equals(to.getAddress());
    } catch (NoRouteToHostException e) {
      // ENETUNREACH or EHOSTUNREACH; to connect will tell, too.
      return false;
    } finally {
      Reset.close(socket);
    }
  }
}
