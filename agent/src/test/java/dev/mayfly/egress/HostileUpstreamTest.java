package dev.mayfly.egress;

import static dev.mayfly.dns.RawMessage.A;
import static dev.mayfly.dns.RawMessage.AAAA;
import static dev.mayfly.dns.RawMessage.CNAME;
import static dev.mayfly.egress.FakeSandbox.addresses;
import static dev.mayfly.egress.FakeSandbox.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.dns.Answer;
import dev.mayfly.dns.RawMessage;
import dev.mayfly.policy.EgressMode;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers, or who pretends to be one, that mean harm. */
@NullMarked
class HostileUpstreamTest extends ResolverFixture {
  private static final String LIE = "203.0.113.66";
  private static final String TRUTH = "198.51.100.7";

  private FakeSandbox sandbox(String... more) throws IOException {
    String[] rules = Arrays.copyOf(more, more.length + 1);
    rules[more.length] = "*.example:443";
    return sandbox("127.0.0.2", plan(EgressMode.ALLOWLIST, rules));
  }

  private static RawMessage with(RawMessage response, String address) {
    return response.address("a.example", address, 60);
  }

  @Test
  void passesOverAnswersThatDoNotMatch() throws IOException {
    upstream.answers(
        one ->
            List.of(
                with(one.response().id(one.id() ^ 1), LIE).bytes(),
                with(RawMessage.response(RawMessage.query(one.id(), "b.example", A).bytes()), LIE)
                    .bytes(),
                with(
                        RawMessage.response(RawMessage.query(one.id(), "a.example", AAAA).bytes()),
                        LIE)
                    .bytes(),
                with(one.response().question("a.example", A), LIE).bytes(),
                with(one.response(), LIE).counted(1, 9).bytes(),
                one.query(),
                new byte[0],
                new byte[4000],
                with(one.response(), TRUTH).bytes()));
    assertThat(addresses(sandbox().ask("a.example", A))).containsExactly(TRUTH);
  }

  @Test
  void takesNothingFromOtherSources() throws IOException {
    try (DatagramSocket spoofer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        DatagramSocket elsewhere =
            new DatagramSocket(upstream.address().getPort(), InetAddress.ofLiteral("127.0.0.77"))) {
      upstream.answers(
          one -> {
            byte[] lie = with(one.response(), LIE).bytes();
            InetSocketAddress to =
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), one.port());
            try {
              spoofer.send(new DatagramPacket(lie, lie.length, to));
              elsewhere.send(new DatagramPacket(lie, lie.length, to));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return List.of(with(one.response(), TRUTH).bytes());
          });
      assertThat(addresses(sandbox().ask("a.example", A))).containsExactly(TRUTH);
    }
  }

  @Test
  void asksWithIdsAndPortsThatNobodyGuesses() throws IOException {
    FakeSandbox sandbox = sandbox();
    for (int i = 0; i < 20; i++) {
      sandbox.ask("n" + i + ".example", A);
    }
    assertThat(upstream.asked().stream().map(FakeUpstream.Asked::port).collect(Collectors.toSet()))
        .hasSizeGreaterThan(15);
    assertThat(upstream.asked().stream().map(FakeUpstream.Asked::id).collect(Collectors.toSet()))
        .hasSizeGreaterThan(15);
  }

  @Test
  void refusesAliasesInACircle() throws IOException {
    upstream.answer(
        one -> one.response().alias("a.example", "b.example").alias("b.example", "a.example"));
    FakeSandbox sandbox = sandbox();
    assertThat(sandbox.ask("a.example", A).code()).isEqualTo(DnsResponseCode.SERVFAIL);
    assertThat(sandbox.refused().reason()).contains("circle");
  }

  @Test
  void survivesPointersInACircle() throws IOException {
    byte[] self = {(byte) 0xc0, 27};
    upstream.answers(
        one ->
            List.of(
                one.response().record(1, self, A, 60, new byte[4]).bytes(),
                one.response().answer("a.example", CNAME, 60, (byte) 0xc0, (byte) 0xff).bytes(),
                with(one.response(), TRUTH).bytes()));
    assertThat(addresses(sandbox().ask("a.example", A))).containsExactly(TRUTH);
  }

  @Test
  void leavesOutRecordsThatNobodyAskedFor() throws IOException {
    upstream.answer(
        one ->
            with(one.response(), TRUTH)
                .address("b.example", LIE, 60)
                .authority("example", RawMessage.NS, 60, RawMessage.name("evil.example"))
                .record(3, RawMessage.name("evil.example"), A, 60, new byte[4]));
    FakeSandbox sandbox = sandbox();
    Answer answer = sandbox.ask("a.example", A);
    assertThat(addresses(answer)).containsExactly(TRUTH);
    assertThat(answer.authority()).isEmpty();
    upstream.addresses(60, TRUTH);
    assertThat(addresses(sandbox.ask("b.example", A))).containsExactly(TRUTH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "fd00:ec2::254",
        "fe80::1",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "2001:0:c633:6407::5601:5601",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "::a00:1",
        "2001:db8::5efe:10.0.0.1"
      })
  void keepsRefusedAddressesOutOfAnswers(String address) throws IOException {
    FakeSandbox sandbox = sandbox();
    upstream.addresses(60, address);
    Answer answer = sandbox.ask("a.example", address.indexOf(':') < 0 ? A : AAAA);
    assertThat(answer.code()).isEqualTo(DnsResponseCode.NOERROR);
    assertThat(answer.answers()).isEmpty();
    assertThat(packets.opened).isEmpty();
    EgressEvent.Refused refused = sandbox.refused();
    assertThat(refused.destination()).contains(InetAddress.ofLiteral(address));
    assertThat(refused.name()).contains("a.example");
    assertThat(refused.reason()).contains("refused range");
  }

  @Test
  void keepsMappedAddressesOutOfAnswers() throws IOException {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = (byte) 198;
    upstream.answer(one -> one.response().answer("a.example", AAAA, 60, mapped));
    FakeSandbox sandbox = sandbox();
    assertThat(sandbox.ask("a.example", AAAA).answers()).isEmpty();
    assertThat(sandbox.refused().reason()).contains("written as IPv6");
  }

  @Test
  void givesTheOthersOfMixedAnswers() throws IOException {
    upstream.addresses(60, "10.0.0.1", TRUTH, "169.254.169.254");
    FakeSandbox sandbox = sandbox();
    assertThat(addresses(sandbox.ask("a.example", A))).containsExactly(TRUTH);
    assertThat(packets.opened)
        .extracting(o -> o.destination().getHostAddress())
        .containsOnly(TRUTH);
    assertThat(sandbox.events).hasSize(3);
  }

  @Test
  void givesRefusedAddressesThatARuleNames() throws IOException {
    upstream.addresses(60, "10.0.5.9", "10.0.6.9");
    assertThat(addresses(sandbox("10.0.5.0/24:5432").ask("a.example", A)))
        .containsExactly("10.0.5.9");
  }
}
