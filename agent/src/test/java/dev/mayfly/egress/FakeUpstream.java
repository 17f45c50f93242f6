package dev.mayfly.egress;

import dev.mayfly.dns.RawMessage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.NullMarked;

/** A small DNS server on 127.0.0.1 that answers as it is told, lies included. */
@NullMarked
final class FakeUpstream implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile Function<Asked, List<byte[]>> answers = _ -> List.of();

  /**
   * @param port of the client, which is to be another one for each question
   */
  record Asked(byte[] query, boolean overTcp, int port) {
    String name() {
      return RawMessage.name(query);
    }

    int type() {
      return RawMessage.type(query);
    }

    int id() {
      return (query[0] & 0xff) << 8 | (query[1] & 0xff);
    }

    RawMessage response() {
      return RawMessage.response(query);
    }
  }

  FakeUpstream() throws IOException {
    tcp = new ServerSocket(0, 50, LOOPBACK);
    udp = new DatagramSocket(tcp.getLocalPort(), LOOPBACK);
    Thread.ofVirtual().start(this::serveUdp);
    Thread.ofVirtual().start(this::serveTcp);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(LOOPBACK, tcp.getLocalPort());
  }

  /** All of the messages are sent, in order. */
  void answers(Function<Asked, List<byte[]>> with) {
    answers = with;
  }

  void answer(Function<Asked, RawMessage> with) {
    answers = one -> List.of(with.apply(one).bytes());
  }

  /** Everything has these addresses; only those of the type that is asked are told. */
  void addresses(long ttl, String... addresses) {
    answer(
        one -> {
          RawMessage response = one.response();
          for (String address : addresses) {
            if ((one.type() == RawMessage.AAAA) == (address.indexOf(':') >= 0)) {
              response.address(one.name(), address, ttl);
            }
          }
          return response;
        });
  }

  List<Asked> asked() {
    return asked;
  }

  private void serveUdp() {
    byte[] buffer = new byte[4096];
    while (!udp.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        Asked one =
            new Asked(Arrays.copyOf(packet.getData(), packet.getLength()), false, packet.getPort());
        asked.add(one);
        for (byte[] answer : answers.apply(one)) {
          udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException e) {
        assertClosing(udp.isClosed(), e);
      }
    }
  }

  private static void assertClosing(boolean closing, IOException e) {
    if (!closing) {
      throw new UncheckedIOException(e);
    }
  }

  private void serveTcp() {
    while (!tcp.isClosed()) {
      try {
        Socket client = tcp.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        assertClosing(tcp.isClosed(), e);
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      while (true) {
        Asked one = new Asked(in.readNBytes(in.readUnsignedShort()), true, client.getPort());
        asked.add(one);
        for (byte[] answer : answers.apply(one)) {
          out.writeShort(answer.length);
          out.write(answer);
        }
      }
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
