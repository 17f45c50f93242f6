package dev.mayfly.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** A DNS server that knows an address of every name, which few others have. */
final class EchoUpstream implements AutoCloseable {
  private static final byte[] ADDRESS = {
    (byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, (byte) 198, 18
  };

  private final DatagramChannel channel;

  EchoUpstream(InetAddress address) throws IOException {
    channel = DatagramChannel.open().bind(new InetSocketAddress(address, 0));
    Thread.ofPlatform().daemon().name("upstream").start(this::serve);
  }

  InetSocketAddress address() throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  private void serve() {
    ByteBuffer message = ByteBuffer.allocateDirect(4096);
    try {
      while (true) {
        SocketAddress client = channel.receive(message.clear());
        int end = 12;
        int number = 0;
        while (message.get(end) != 0) {
          end += 1 + message.get(end);
          number = 31 * number + message.getShort(end - 2);
        }
        message.putShort(2, (short) 0x8180).putShort(6, (short) 1).putInt(8, 0);
        message.limit(message.capacity()).position(end + 5);
        message.put(ADDRESS).putShort((short) number).flip();
        channel.send(message, client);
      }
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
