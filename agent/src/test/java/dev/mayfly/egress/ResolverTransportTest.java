package dev.mayfly.egress;

import static dev.mayfly.dns.RawMessage.A;
import static dev.mayfly.egress.FakeSandbox.addresses;
import static dev.mayfly.egress.FakeSandbox.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.dns.Answer;
import dev.mayfly.dns.RawMessage;
import dev.mayfly.policy.EgressMode;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** UDP and TCP, on both sides. */
@NullMarked
class ResolverTransportTest extends ResolverFixture {
  private FakeSandbox sandbox() throws IOException {
    return sandbox("127.0.0.2", plan(EgressMode.ALLOWLIST, "*.example:443"));
  }

  private void manyAddresses(int count) {
    upstream.answer(
        one -> {
          RawMessage response = one.overTcp() ? one.response() : one.response().truncated();
          for (int i = 0; i < count && one.overTcp(); i++) {
            response.address(one.name(), "198.51.100." + i, 60);
          }
          return response;
        });
  }

  @Test
  void asksAgainOverTcpWhatWasTruncated() throws IOException {
    manyAddresses(20);
    assertThat(addresses(sandbox().ask("a.example", A))).hasSize(20);
    assertThat(upstream.asked())
        .extracting(FakeUpstream.Asked::overTcp)
        .containsExactly(false, true);
  }

  @Test
  void truncatesWhatTheClientCannotTakeOverUdp() throws IOException {
    manyAddresses(100);
    FakeSandbox sandbox = sandbox();
    Answer small = sandbox.ask("a.example", A);
    assertThat(small.truncated()).isTrue();
    assertThat(small.answers()).isEmpty();
    assertThat(sandbox.ask(RawMessage.query(1, "a.example", A).edns(4096)).truncated()).isTrue();
    try (FakeSandbox.Connection connection = sandbox.connect()) {
      connection.send(RawMessage.query(3, "a.example", A));
      assertThat(addresses(connection.receive())).hasSize(100);
    }
    manyAddresses(40);
    assertThat(addresses(sandbox.ask(RawMessage.query(1, "b.example", A).edns(4096)))).hasSize(40);
    assertThat(sandbox.ask("b.example", A).truncated()).isTrue();
  }

  @Test
  void takesManyQuestionsOverOneConnection() throws IOException {
    FakeSandbox sandbox = sandbox();
    try (FakeSandbox.Connection connection = sandbox.connect()) {
      for (int i = 0; i < 200; i++) {
        connection.send(RawMessage.query(i, "n" + i % 50 + ".example", A));
      }
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ids.add(connection.receive().id());
      }
      assertThat(ids).doesNotHaveDuplicates().hasSize(200);
    }
  }

  @Test
  void boundsTheConnectionsOfASandbox() throws IOException {
    FakeSandbox sandbox = sandbox();
    FakeSandbox other = sandbox("127.0.0.3", plan(EgressMode.ALLOWLIST, "*.example:443"));
    List<FakeSandbox.Connection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < 16; i++) {
        FakeSandbox.Connection one = sandbox.connect();
        connections.add(one);
        one.send(RawMessage.query(i, "localhost", A));
        one.receive();
      }
      try (FakeSandbox.Connection more = sandbox.connect();
          FakeSandbox.Connection others = other.connect()) {
        assertThat(more.isClosed()).isTrue();
        others.send(RawMessage.query(1, "localhost", A));
        assertThat(others.receive().id()).isEqualTo(1);
      }
    } finally {
      for (FakeSandbox.Connection one : connections) {
        one.close();
      }
    }
  }

  @Test
  void answersMalformedQueriesWithACodeAlone() throws IOException {
    FakeSandbox sandbox = sandbox();
    sandbox.send(RawMessage.query(0x1234, "a.example", A).question("b.example", A));
    byte[] reply = sandbox.receiveBytes();
    assertThat(reply).hasSize(12).startsWith(0x12, 0x34);
    assertThat(reply[3] & 0xf).isEqualTo(1);
    sandbox.send(RawMessage.query(1, "a.example", A).flag(4 << 11));
    assertThat(sandbox.receiveBytes()[3] & 0xf).isEqualTo(4);
    sandbox.send(RawMessage.query(1, "a.example", A).edns(1232, 1));
    assertThat(sandbox.receiveBytes()).hasSize(23);
  }

  @Test
  void asksTheNextServerWhenOneIsGone() throws IOException {
    FakeUpstream gone = new FakeUpstream();
    InetSocketAddress nobody = gone.address();
    gone.close();
    FakeSandbox sandbox =
        sandbox(
            "127.0.0.2",
            plan(EgressMode.ALLOWLIST, "*.example:443"),
            packed(nobody, upstream.address()));
    assertThat(addresses(sandbox.ask("a.example", A))).hasSize(1);
  }

  @Test
  void asksTheNextServerWhenOneDoesNotKnowOrIsSilent() throws IOException {
    try (FakeUpstream failing = new FakeUpstream();
        FakeUpstream silent = new FakeUpstream()) {
      failing.answer(one -> one.response().code(2));
      FakeSandbox sandbox =
          sandbox(
              "127.0.0.2",
              plan(EgressMode.ALLOWLIST, "*.example:443"),
              packed(failing.address(), silent.address(), upstream.address()));
      assertThat(addresses(sandbox.ask("a.example", A))).hasSize(1);
      sandbox.ask("b.example", A);
      assertThat(failing.asked()).hasSize(1);
      assertThat(silent.asked()).hasSize(1);
    }
  }

  @Test
  void saysThatItFailedWhenNoServerAnswers() throws IOException {
    FakeUpstream gone = new FakeUpstream();
    gone.close();
    FakeSandbox sandbox =
        sandbox("127.0.0.2", plan(EgressMode.ALLOWLIST, "*.example:443"), packed(gone.address()));
    assertThat(sandbox.ask("a.example", A).code()).isEqualTo(DnsResponseCode.SERVFAIL);
    assertThat(sandbox.events).hasOnlyElementsOfType(EgressEvent.Answered.class).hasSize(1);
  }

  private Resolver packed(InetSocketAddress... upstreams) throws IOException {
    Resolver one = resolver(upstreams);
    one.packets(packets);
    return one;
  }

  @Test
  void listensOnIpv6WithTheSamePort() throws IOException {
    Inet6Address loopback = (Inet6Address) InetAddress.ofLiteral("::1");
    try (Resolver both =
            Resolver.open(
                List.of(FakeSandbox.GATEWAY, loopback), 0, List.of(upstream.address()), sandboxes);
        DatagramSocket socket = new DatagramSocket(0, loopback);
        Socket tcp = new Socket()) {
      sandboxes.add(
          new ArmedSandbox(
              "v6",
              new SandboxAddress(
                  "mfy6", (Inet4Address) InetAddress.ofLiteral("127.0.0.6"), loopback),
              plan(EgressMode.HTTPS),
              _ -> {}));
      byte[] query = RawMessage.query(6, "a.example.org", A).bytes();
      socket.setSoTimeout(20_000);
      socket.send(new DatagramPacket(query, query.length, loopback, both.port()));
      DatagramPacket reply = new DatagramPacket(new byte[512], 512);
      socket.receive(reply);
      assertThat(reply.getData()[1]).isEqualTo((byte) 6);
      assertThat(reply.getData()[7]).isEqualTo((byte) 1);
      tcp.connect(new InetSocketAddress(loopback, both.port()));
      assertThat(tcp.isConnected()).isTrue();
    }
  }

  @Test
  void saysWhereItCannotListen() {
    assertThatThrownBy(
            () ->
                Resolver.open(
                    List.of(FakeSandbox.GATEWAY),
                    resolver.port(),
                    List.of(upstream.address()),
                    sandboxes))
        .isInstanceOf(BindException.class)
        .hasMessageContaining("127.0.0.1 port " + resolver.port());
  }
}
