package dev.mayfly.egress;

import dev.mayfly.dns.Answer;
import dev.mayfly.dns.AnswerReader;
import dev.mayfly.dns.RawMessage;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** A sandbox that lives at an address of 127.0.0.0/8, and asks. */
@NullMarked
final class FakeSandbox implements AutoCloseable {
  static final InetAddress GATEWAY = InetAddress.ofLiteral("127.0.0.1");
  private static final int PATIENCE_MILLIS = 20_000;

  final ArmedSandbox armed;
  final List<EgressEvent> events = new CopyOnWriteArrayList<>();
  private final DatagramSocket udp;
  private final int port;

  FakeSandbox(String address, EgressPlan plan, int port) throws IOException {
    this(address, plan, Set.of(), port);
  }

  FakeSandbox(String address, EgressPlan plan, Set<DomainName> aliases, int port)
      throws IOException {
    Inet4Address ipv4 = (Inet4Address) InetAddress.ofLiteral(address);
    Inet6Address ipv6 =
        (Inet6Address) InetAddress.ofLiteral("2001:db8::" + address.replace("127.0.0.", ""));
    armed =
        new ArmedSandbox(
            "s" + address,
            new SandboxAddress("mfy" + address, ipv4, ipv6),
            plan,
            aliases,
            events::add);
    udp = new DatagramSocket(0, ipv4);
    udp.setSoTimeout(PATIENCE_MILLIS);
    this.port = port;
  }

  static EgressPlan plan(EgressMode mode, String... names) {
    return plan(mode, EgressPolicy.RefusedNames.NXDOMAIN, names);
  }

  /** Rules are {@code name:port} or {@code address/prefix:port}. */
  static EgressPlan plan(EgressMode mode, EgressPolicy.RefusedNames refused, String... rules) {
    return new EgressPlan(
        mode,
        Stream.of(rules).map(FakeSandbox::rule).toList(),
        Stream.of("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10")
            .map(IpRange::parse)
            .toList(),
        false,
        refused,
        EgressPlan.RefusedHosts.NONE);
  }

  static EgressRule rule(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon);
    String port = text.substring(colon + 1).replace("/udp", "");
    Transport transport = text.endsWith("/udp") ? Transport.UDP : Transport.TCP;
    PortRange ports = PortRange.of(Integer.parseInt(port));
    return host.indexOf('/') < 0
        ? new EgressRule.ToName(
            text, DomainPattern.parse(host), transport, ports, EgressRule.Terms.NONE)
        : new EgressRule.ToRange(
            text, IpRange.parse(host), transport, ports, EgressRule.Terms.NONE);
  }

  Answer ask(String name, int type) throws IOException {
    return ask(RawMessage.query(77, name, type));
  }

  Answer ask(RawMessage query) throws IOException {
    send(query);
    return receive();
  }

  void send(RawMessage query) throws IOException {
    byte[] bytes = query.bytes();
    udp.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(GATEWAY, port)));
  }

  Answer receive() throws IOException {
    return AnswerReader.read(Unpooled.wrappedBuffer(receiveBytes()));
  }

  byte[] receiveBytes() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    udp.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  /** Whether something has come; to be asked after something later has come elsewhere. */
  boolean hasReceived() throws IOException {
    udp.setSoTimeout(1);
    try {
      receiveBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      udp.setSoTimeout(PATIENCE_MILLIS);
    }
  }

  Connection connect() throws IOException {
    return new Connection(new Socket(GATEWAY, port, armed.address().ipv4(), 0));
  }

  /** A connection to the resolver. */
  record Connection(Socket socket) implements AutoCloseable {
    void send(RawMessage query) throws IOException {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] bytes = query.bytes();
      out.writeShort(bytes.length);
      out.write(bytes);
    }

    Answer receive() throws IOException {
      socket.setSoTimeout(PATIENCE_MILLIS);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      return AnswerReader.read(Unpooled.wrappedBuffer(in.readNBytes(in.readUnsignedShort())));
    }

    boolean isClosed() throws IOException {
      socket.setSoTimeout(PATIENCE_MILLIS);
      try {
        return socket.getInputStream().read() < 0;
      } catch (SocketException e) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  EgressEvent.Refused refused() {
    return events.stream()
        .filter(EgressEvent.Refused.class::isInstance)
        .map(EgressEvent.Refused.class::cast)
        .reduce((_, last) -> last)
        .orElseThrow(() -> new AssertionError("nothing was refused: " + events));
  }

  static List<String> addresses(Answer answer) {
    return answer.answers().stream()
        .filter(r -> r.type().intValue() == RawMessage.A || r.type().intValue() == RawMessage.AAAA)
        .map(r -> r.address().getHostAddress())
        .toList();
  }

  @Override
  public void close() {
    udp.close();
  }
}
