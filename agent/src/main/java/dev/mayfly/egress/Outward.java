package dev.mayfly.egress;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;

/** The way from the gate to where sandboxes want to go. */
interface Outward {
  /** By this host's routes. */
  Outward HOST =
      new Outward() {
        @Override
        public boolean isHost(InetSocketAddress to) throws IOException {
          return HostAddress.is(to);
        }

        @Override
        public Socket open() {
          return Socket.newSocketStream();
        }
      };

  /**
   * Whether a connection would stay on this host.
   *
   * @throws IOException where that can't be told; likewise unchecked exceptions
   */
  boolean isHost(InetSocketAddress to) throws IOException;

  /**
   * A TCP socket that is not connected yet.
   *
   * @throws io.netty.channel.ChannelException where there is none, such as for want of descriptors
   */
  Socket open();
}
