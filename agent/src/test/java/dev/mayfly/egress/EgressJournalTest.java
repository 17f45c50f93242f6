package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.egress.EgressSummary.Connection;
import dev.mayfly.egress.EgressSummary.Verdict;
import dev.mayfly.policy.DomainName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EgressJournalTest {
  private final List<Connection> told = new ArrayList<>();
  private final EgressJournal journal = new EgressJournal(told::add);

  private static InetAddress address(int number) {
    try {
      return InetAddress.getByAddress(
          new byte[] {(byte) 203, 0, (byte) (number >> 8), (byte) number});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static EgressEvent.Refused refused(InetAddress destination, int port) {
    return new EgressEvent.Refused(
        EgressEvent.Layer.PACKET,
        "tcp",
        Optional.of(destination),
        OptionalInt.of(port),
        Optional.empty(),
        "no rule allows it",
        Optional.of(destination.getHostAddress() + ":" + port));
  }

  @Test
  void tellsEachRefusalOnceAndCountsTheRest() {
    for (int i = 0; i < 1000; i++) {
      journal.seen(refused(address(1), 22));
    }
    journal.seen(refused(address(1), 23));

    assertThat(told)
        .extracting(Connection::target)
        .containsExactly("tcp 203.0.0.1:22", "tcp 203.0.0.1:23");
    EgressSummary summary = journal.summary(Optional.of(1001L));
    assertThat(summary.connections()).extracting(Connection::count).containsExactly(1000L, 1L);
    assertThat(summary.refusedPackets()).contains(1001L);
    assertThat(summary.complete()).isTrue();
  }

  @Test
  void keepsTheSameDestinationApartByWhatBecameOfIt() {
    journal.seen(
        new EgressEvent.Allowed(
            "tcp", address(1), OptionalInt.of(443), Optional.of("a.example"), true));
    journal.seen(
        new EgressEvent.Allowed("tcp", address(1), OptionalInt.of(443), Optional.empty(), false));
    journal.seen(refused(address(1), 443));

    assertThat(journal.summary(Optional.of(0L)).connections())
        .extracting(Connection::verdict)
        .containsExactly(Verdict.ALLOWED, Verdict.AUDITED, Verdict.REFUSED);
    assertThat(told).hasSize(1);
  }

  @Test
  void countsQuestionsByNameAndTypeAndKeepsTheLastAnswer() {
    DomainName name = DomainName.parse("a.example");
    journal.seen(new EgressEvent.Answered(name, "A", List.of(), List.of(address(1))));
    journal.seen(new EgressEvent.Answered(name, "A", List.of(), List.of(address(2))));
    journal.seen(new EgressEvent.Answered(name, "AAAA", List.of(), List.of()));

    List<EgressSummary.Name> names = journal.summary(Optional.of(0L)).names();
    assertThat(names).extracting(EgressSummary.Name::count).containsExactly(2L, 1L);
    assertThat(names.getFirst().addresses()).containsExactly(address(2));
  }

  @Test
  void isBoundedAndSaysThatItLeftSomethingOut() {
    for (int i = 0; i < 5000; i++) {
      journal.seen(refused(address(i), 22));
      journal.seen(
          new EgressEvent.Answered(
              DomainName.parse("n" + i + ".example"), "A", List.of(), List.of()));
    }

    EgressSummary summary = journal.summary(Optional.of(0L));
    assertThat(summary.connections()).hasSize(2048);
    assertThat(summary.names()).hasSize(2048);
    assertThat(told).hasSize(2048);
    assertThat(summary.complete()).isFalse();
  }

  @Test
  void isIncompleteOnceEventsWereLost() {
    for (int i = 0; i < 2; i++) {
      journal.seen(new EgressEvent.Lost("the kernel's queue was full"));
    }

    assertThat(journal.summary(Optional.of(0L)).complete()).isFalse();
    assertThat(journal.summary(Optional.of(0L)).gaps())
        .containsExactly("the kernel's queue was full");
    assertThat(journal.summary(Optional.empty()).gaps())
        .last(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .contains("could not be read");
  }

  @Test
  void keepsAFewOfTheAddressesOfAName() {
    List<InetAddress> many = IntStream.range(0, 500).mapToObj(EgressJournalTest::address).toList();
    journal.seen(new EgressEvent.Answered(DomainName.parse("a.example"), "A", List.of(), many));

    assertThat(journal.summary(Optional.of(0L)).names().getFirst().addresses())
        .isEqualTo(many.subList(0, 16));
  }

  @Test
  void writesIpv6TargetsWithTheirPortApart() throws UnknownHostException {
    journal.seen(refused(InetAddress.getByName("2001:db8::1"), 22));

    assertThat(told.getFirst().target()).isEqualTo("tcp [2001:db8::1]:22");
  }
}
