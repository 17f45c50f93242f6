package dev.mayfly.egress;

import static dev.mayfly.dns.RawMessage.A;
import static dev.mayfly.dns.RawMessage.AAAA;
import static dev.mayfly.dns.RawMessage.HTTPS;
import static dev.mayfly.dns.RawMessage.PTR;
import static dev.mayfly.dns.RawMessage.SOA;
import static dev.mayfly.dns.RawMessage.TXT;
import static dev.mayfly.egress.FakeSandbox.addresses;
import static dev.mayfly.egress.FakeSandbox.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.dns.Answer;
import dev.mayfly.dns.DnsName;
import dev.mayfly.dns.RawMessage;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy.RefusedNames;
import dev.mayfly.policy.Transport;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a sandbox is answered, and what happens before. */
@NullMarked
class ResolverTest extends ResolverFixture {
  private static final InetAddress ADDRESS = InetAddress.ofLiteral("198.51.100.7");

  private FakeSandbox allowing(String... rules) throws IOException {
    return sandbox("127.0.0.2", plan(EgressMode.ALLOWLIST, rules));
  }

  @Test
  void answersANameOfARuleAndOpensItsAddresses() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443", "*.example:22", "a.example:9/udp");
    Answer answer = sandbox.ask("a.example", A);
    assertThat(answer.code()).isEqualTo(DnsResponseCode.NOERROR);
    assertThat(addresses(answer)).containsExactly("198.51.100.7");
    Duration time = Duration.ofSeconds(90);
    assertThat(packets.opened)
        .containsExactly(
            new Opening(ADDRESS, Transport.TCP, 443, 1, true, time),
            new Opening(ADDRESS, Transport.TCP, 22, 2, false, time),
            new Opening(ADDRESS, Transport.UDP, 9, 3, false, time));
    assertThat(sandbox.armed.hasResolved(new DomainName("a.example"), ADDRESS)).isTrue();
    assertThat(sandbox.events)
        .containsExactly(
            new EgressEvent.Answered(
                new DomainName("a.example"), "A", List.of(), List.of(ADDRESS)));
  }

  /** A refusal is asked for later and has overtaken: so the first reply was not sent before. */
  @Test
  void repliesAfterThePacketLayerHasOpened() throws Exception {
    FakeSandbox sandbox = allowing("a.example:443");
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    packets.before =
        () -> {
          entered.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    sandbox.send(RawMessage.query(1, "a.example", A));
    entered.await();
    assertThat(sandbox.ask(RawMessage.query(2, "b.example", A)).id()).isEqualTo(2);
    assertThat(sandbox.hasReceived()).isFalse();
    assertThat(packets.opened).isEmpty();
    release.countDown();
    assertThat(sandbox.receive().id()).isEqualTo(1);
    assertThat(packets.opened).hasSize(1);
  }

  @Test
  void givesNoAddressThatCouldNotBeOpened() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    packets.failure = "no table";
    Answer answer = sandbox.ask("a.example", A);
    assertThat(answer.code()).isEqualTo(DnsResponseCode.SERVFAIL);
    assertThat(answer.answers()).isEmpty();
    assertThat(sandbox.refused().reason()).contains("no table");
    packets.failure = null;
    assertThat(addresses(sandbox.ask("a.example", A))).hasSize(1);
  }

  @Test
  void givesNoAddressBeforeThereIsAPacketLayer() throws IOException {
    FakeSandbox sandbox =
        sandbox(
            "127.0.0.2", plan(EgressMode.ALLOWLIST, "a.example:443"), resolver(upstream.address()));
    assertThat(sandbox.ask("a.example", A).code()).isEqualTo(DnsResponseCode.SERVFAIL);
  }

  @Test
  void opensOnceWhatStaysOpenAndAgainWhenTold() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    sandbox.ask("a.example", A);
    sandbox.ask("a.example", A);
    assertThat(packets.opened).hasSize(1);
    resolver.packets(packets);
    sandbox.ask("a.example", A);
    assertThat(packets.opened).hasSize(2);
  }

  /** Whatever the policy says: it is the sandbox's own loopback. */
  @ParameterizedTest
  @EnumSource(EgressMode.class)
  void answersAliasesOfServicesAndAsksNobody(EgressMode mode) throws IOException {
    FakeSandbox sandbox =
        sandbox(
            "127.0.0.2", plan(mode, "db.example:443"), "db", "acme__Tool", "db.example", "a.b.c");
    for (String name : List.of("db", "DB", "acme__tool", "db.example", "a.b.c")) {
      assertThat(addresses(sandbox.ask(name, A))).as(name).containsExactly("127.0.0.1");
      for (int type : List.of(AAAA, HTTPS, TXT, SOA)) {
        Answer answer = sandbox.ask(name, type);
        assertThat(answer.code()).as(name + " " + type).isEqualTo(DnsResponseCode.NOERROR);
        assertThat(answer.answers()).isEmpty();
      }
    }
    assertThat(upstream.asked()).isEmpty();
    assertThat(packets.opened).isEmpty();
    assertThat(sandbox.events).noneMatch(EgressEvent.Refused.class::isInstance);
  }

  @Test
  void answersAliasesToNoOtherSandbox() throws IOException {
    FakeSandbox sandbox =
        sandbox("127.0.0.2", plan(EgressMode.ALLOWLIST), "db", "a.example", "x y", "5432");
    FakeSandbox other = sandbox("127.0.0.3", plan(EgressMode.ALLOWLIST, "a.example:443"));
    assertThat(addresses(sandbox.ask("a.example", A))).containsExactly("127.0.0.1");
    assertThat(addresses(other.ask("a.example", A))).containsExactly("198.51.100.7");
    assertThat(addresses(sandbox.ask("a.example", A))).containsExactly("127.0.0.1");
    assertThat(other.ask("db", A).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    assertThat(sandbox.ask("x.db", A).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    assertThat(sandbox.armed.aliases())
        .containsExactlyInAnyOrder(new DomainName("db"), new DomainName("a.example"));
  }

  @Test
  void refusesOtherNamesAtOnceAndAsksNobody() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    Answer answer = sandbox.ask("secret.b.example", A);
    assertThat(answer.code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    EgressEvent.Refused refused = sandbox.refused();
    assertThat(refused.layer()).isEqualTo(EgressEvent.Layer.NAME);
    assertThat(refused.name()).contains("secret.b.example");
    assertThat(refused.suggestion()).contains("secret.b.example:443");
    FakeSandbox other =
        sandbox("127.0.0.3", plan(EgressMode.ALLOWLIST, RefusedNames.REFUSED, "a.example:443"));
    assertThat(other.ask("b.example", A).code()).isEqualTo(DnsResponseCode.REFUSED);
    assertThat(upstream.asked()).isEmpty();
  }

  @Test
  void refusesTypesThatCarryAnything() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    for (int type :
        List.of(RawMessage.ANY, RawMessage.AXFR, 251, RawMessage.NULL, RawMessage.OPT, 65_399)) {
      assertThat(sandbox.ask("a.example", type).code())
          .as("type " + type)
          .isEqualTo(DnsResponseCode.REFUSED);
    }
    assertThat(upstream.asked()).isEmpty();
    assertThat(sandbox.ask("a.example", A).code()).isEqualTo(DnsResponseCode.NOERROR);
  }

  @Test
  void saysNothingToStrangers() throws IOException {
    FakeSandbox known = allowing("a.example:443");
    FakeSandbox gone = sandbox("127.0.0.3", plan(EgressMode.ALLOWLIST, "a.example:443"));
    sandboxes.remove(gone.armed);
    gone.send(RawMessage.query(1, "a.example", A));
    known.ask("a.example", A);
    assertThat(gone.hasReceived()).isFalse();
    assertThat(gone.events).isEmpty();
    try (FakeSandbox.Connection connection = gone.connect()) {
      assertThat(connection.isClosed()).isTrue();
    }
  }

  @Test
  void sharesWhatIsKnownButNotWhatIsAllowed() throws IOException {
    FakeSandbox one = allowing("a.example:443");
    FakeSandbox same = sandbox("127.0.0.3", plan(EgressMode.ALLOWLIST, "a.example:443"));
    FakeSandbox other = sandbox("127.0.0.4", plan(EgressMode.ALLOWLIST, "b.example:443"));
    one.ask("a.example", A);
    assertThat(addresses(same.ask("A.example", A))).hasSize(1);
    assertThat(other.ask("a.example", A).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    assertThat(upstream.asked()).hasSize(1);
    assertThat(packets.opened).hasSize(2);
  }

  @Test
  void keepsTheClientsCase() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    sandbox.send(RawMessage.query(5, "A.eXample", A));
    assertThat(RawMessage.name(sandbox.receiveBytes())).isEqualTo("A.eXample");
    // Who answers for the zone learns nothing of it: letters would carry a bit each.
    assertThat(upstream.asked()).extracting(FakeUpstream.Asked::name).containsExactly("a.example");
  }

  @Test
  void boundsTimesToLive() throws IOException {
    FakeSandbox sandbox = allowing("*.example:443");
    upstream.addresses(0, "198.51.100.7");
    assertThat(sandbox.ask("a.example", A).answers().getFirst().timeToLive()).isEqualTo(5);
    upstream.addresses(1_000_000, "198.51.100.8");
    assertThat(sandbox.ask("b.example", A).answers().getFirst().timeToLive()).isEqualTo(3600);
    assertThat(packets.opened)
        .extracting(Opening::time)
        .containsExactly(Duration.ofSeconds(35), Duration.ofSeconds(3630));
  }

  @Test
  void remembersThatThereIsNothing() throws IOException {
    FakeSandbox sandbox = allowing("*.example:443");
    upstream.answer(
        one -> one.response().code(3).authority("example", SOA, 900, RawMessage.soa(40)));
    Answer answer = sandbox.ask("a.example", A);
    assertThat(answer.code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    assertThat(answer.authority().getFirst().timeToLive()).isEqualTo(40);
    sandbox.ask("a.example", A);
    assertThat(upstream.asked()).hasSize(1);
    assertThat(sandbox.events).hasOnlyElementsOfType(EgressEvent.Answered.class).hasSize(2);
  }

  @Test
  void recordsTheNamesOnTheWay() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    upstream.answer(
        one ->
            one.response()
                .alias(one.name(), "b.cdn.example")
                .alias("b.cdn.example", "c.cdn.example")
                .address("c.cdn.example", "198.51.100.9", 60));
    assertThat(sandbox.ask("a.example", A).answers()).hasSize(3);
    assertThat(sandbox.events)
        .containsExactly(
            new EgressEvent.Answered(
                new DomainName("a.example"),
                "A",
                List.of(new DomainName("b.cdn.example"), new DomainName("c.cdn.example")),
                List.of(InetAddress.ofLiteral("198.51.100.9"))));
    assertThat(sandbox.ask("c.cdn.example", A).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
  }

  @Test
  void leavesOutWhatHidesServerNames() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    byte[] data = {0, 1, 0, 0, 1, 0, 3, 2, 'h', '2', 0, 4, 0, 4, 10, 0, 0, 1, 0, 5, 0, 1, 1};
    upstream.answer(one -> one.response().answer(one.name(), HTTPS, 60, data));
    Answer answer = sandbox.ask("a.example", HTTPS);
    assertThat(answer.answers().getFirst().size()).isEqualTo(DnsName.of("a.example").size() + 20);
    assertThat(packets.opened).isEmpty();
  }

  @Test
  void tellsOnlyWhatItToldAboutAddresses() throws IOException {
    FakeSandbox sandbox = allowing("a.example:443");
    String reverse = "7.100.51.198.in-addr.arpa";
    assertThat(sandbox.ask(reverse, PTR).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    sandbox.ask("a.example", A);
    assertThat(sandbox.ask(reverse, PTR).answers().getFirst().target())
        .contains(DnsName.of("a.example"));
    sandbox.ask("a.example", AAAA);
    String reverse6 = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    assertThat(sandbox.ask(reverse6, PTR).answers()).hasSize(1);
    assertThat(sandbox.ask("1.0.0.10.in-addr.arpa", PTR).answers()).isEmpty();
    assertThat(sandbox.ask("x.ip6.arpa", PTR).answers()).isEmpty();
    assertThat(upstream.asked()).hasSize(2);
  }

  @Test
  void answersForThisHostItself() throws IOException {
    FakeSandbox sandbox = sandbox("127.0.0.2", plan(EgressMode.HTTPS));
    assertThat(addresses(sandbox.ask("localhost", A))).containsExactly("127.0.0.1");
    assertThat(addresses(sandbox.ask("x.localhost", AAAA))).containsExactly("0:0:0:0:0:0:0:1");
    assertThat(sandbox.ask("use-application-dns.net", A).code())
        .isEqualTo(DnsResponseCode.NXDOMAIN);
    assertThat(sandbox.events).hasOnlyElementsOfType(EgressEvent.Answered.class);
    for (String local : List.of("db", "printer.local", "metadata.google.internal")) {
      assertThat(sandbox.ask(local, A).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
      assertThat(sandbox.refused().name()).contains(local);
    }
    assertThat(upstream.asked()).isEmpty();
    FakeSandbox ruled = sandbox("127.0.0.3", plan(EgressMode.HTTPS, "gitlab.internal:443"));
    assertThat(addresses(ruled.ask("gitlab.internal", A))).hasSize(1);
  }

  @Test
  void opensNothingForTheBroadRule() throws IOException {
    FakeSandbox sandbox = sandbox("127.0.0.2", plan(EgressMode.HTTPS));
    assertThat(addresses(sandbox.ask("any.example.org", A))).hasSize(1);
    assertThat(packets.opened).isEmpty();
    assertThat(sandbox.armed.hasResolved(new DomainName("any.example.org"), ADDRESS)).isTrue();
  }

  @Test
  void answersTextForRuledNamesOnlyAndBounded() throws IOException {
    FakeSandbox sandbox = sandbox("127.0.0.2", plan(EgressMode.HTTPS, "a.example:443"));
    byte[] text = new byte[256];
    text[0] = (byte) 255;
    upstream.answer(one -> one.response().answer(one.name(), TXT, 60, text));
    assertThat(sandbox.ask(RawMessage.query(1, "a.example", TXT).edns(1232)).answers()).hasSize(1);
    assertThat(sandbox.ask("b.example.org", TXT).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    FakeSandbox other = sandbox("127.0.0.3", plan(EgressMode.HTTPS, "c.example:443"));
    upstream.answer(
        one -> {
          RawMessage response = one.overTcp() ? one.response() : one.response().truncated();
          for (int i = 0; i < 40 && one.overTcp(); i++) {
            response.answer(one.name(), TXT, 60, text);
          }
          return response;
        });
    assertThat(other.ask("c.example", TXT).code()).isEqualTo(DnsResponseCode.SERVFAIL);
    assertThat(other.refused().reason()).contains("bytes");
  }

  @Test
  void refusesNamesThatCarryData() throws IOException {
    FakeSandbox sandbox = sandbox("127.0.0.2", plan(EgressMode.HTTPS));
    String data = "k5qw4zjanf2ca3lf.".repeat(9) + "t.example.org";
    assertThat(sandbox.ask(data, A).code()).isEqualTo(DnsResponseCode.NXDOMAIN);
    assertThat(sandbox.refused().reason()).contains("data");
    assertThat(upstream.asked()).isEmpty();
  }

  @Test
  void letsNoSandboxStarveAnother() throws IOException {
    FakeSandbox greedy = sandbox("127.0.0.2", plan(EgressMode.ALLOWLIST, "*.example:443"));
    FakeSandbox other = sandbox("127.0.0.3", plan(EgressMode.ALLOWLIST, "ok.example:443"));
    upstream.answers(
        one ->
            one.name().equals("ok.example")
                ? List.of(one.response().address(one.name(), "198.51.100.7", 60).bytes())
                : List.of());
    for (int i = 0; i <= 64; i++) {
      greedy.send(RawMessage.query(i, "n" + i + ".example", A));
    }
    Answer refused = greedy.receive();
    assertThat(refused.code()).isEqualTo(DnsResponseCode.SERVFAIL);
    assertThat(refused.id()).isEqualTo(64);
    assertThat(addresses(other.ask("ok.example", A))).hasSize(1);
  }

  @Test
  void asksOnceWhatIsAskedAtOneTime() throws Exception {
    FakeSandbox one = allowing("a.example:443");
    FakeSandbox two = sandbox("127.0.0.3", plan(EgressMode.ALLOWLIST, "*.example:443"));
    CompletableFuture<Void> release = new CompletableFuture<>();
    upstream.answers(
        asked -> {
          release.join();
          return List.of(asked.response().address(asked.name(), "198.51.100.7", 60).bytes());
        });
    one.send(RawMessage.query(1, "a.example", A));
    two.send(RawMessage.query(2, "a.example", A));
    two.ask("localhost", A);
    release.complete(null);
    assertThat(one.receive().id()).isEqualTo(1);
    assertThat(two.receive().id()).isEqualTo(2);
    assertThat(upstream.asked()).hasSize(1);
  }
}
