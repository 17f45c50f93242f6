package dev.mayfly.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.Socket;
import java.io.IOException;

/** Ends connections so that their peers are told at once, with TCP's RST. */
final class Reset {
  private Reset() {}

  /** Closes a connection with a reset. */
  static void close(Channel channel) {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException e) {
      // It is closed already, or reset by its peer: there is nobody to tell.
    }
    end(channel);
  }

  /** Closes a connection after what is to be sent on it is sent. */
  @SuppressWarnings("FutureReturnValueIgnored") // A close that fails leaves nothing to be done.
  static void end(Channel channel) {
    channel.close();
  }

  /** Makes the close of a socket a reset. */
  static void lingerNot(Socket socket) {
    try {
      socket.setSoLinger(0);
    } catch (IOException e) {
      // Idem.
    }
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // The number is free again; what its peer did not get yet, nobody can send any more.
    }
  }
}
