package dev.mayfly.egress;

import static dev.mayfly.egress.GateLine.isReset;
import static dev.mayfly.egress.GateLine.isSilent;
import static dev.mayfly.egress.GateLine.read;
import static dev.mayfly.egress.GateLine.readAll;
import static dev.mayfly.egress.GateLine.send;
import static dev.mayfly.egress.GateLine.sendBytewise;
import static dev.mayfly.egress.Hellos.extension;
import static dev.mayfly.egress.Hellos.hello;
import static dev.mayfly.egress.Hellos.join;
import static dev.mayfly.egress.Hellos.record;
import static dev.mayfly.egress.Hellos.records;
import static dev.mayfly.egress.Hellos.serverName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.EgressRule.Terms;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No second ClientHello names another server than the first (RFC 8446, section 4.1.2). */
@Timeout(60)
class HelloRetryTest {
  private static final byte[] FIRST = records(hello(serverName("a.example")), 16384);
  private static final byte[] SECOND =
      records(hello(serverName("a.example"), extension(51, new byte[70])), 16384);
  private static final byte[] OTHER =
      records(hello(serverName("b.example"), extension(51, new byte[70])), 16384);
  private static final byte[] CHANGE_CIPHER_SPEC = record(20, (byte) 1);
  private static final byte[] EARLY_DATA = record(23, new byte[500]);
  private static final byte[] RETRY = Hellos.retry();

  /** With a HelloRetryRequest behind the first hello, as both ends see it. */
  private static void retry(GateLine line, byte[] first) throws IOException {
    send(line.client, first);
    assertThat(read(line.server(), first.length)).isEqualTo(first);
    send(line.server(), RETRY);
    assertThat(read(line.client, RETRY.length)).isEqualTo(RETRY);
  }

  private static void assertPasses(Terms terms, byte[] first, byte[] second) throws IOException {
    try (GateLine line = new GateLine(terms, GateLine.BOUNDS, GateLine.LOOPBACK)) {
      retry(line, first);
      send(line.client, second);
      assertThat(read(line.server(), second.length)).isEqualTo(second);
      assertThat(line.isJoined()).isTrue();
      assertThat(line.keepsNothing()).isTrue();
      assertThat(line.events()).singleElement().isInstanceOf(EgressEvent.Allowed.class);
    }
  }

  private static void assertCut(String reason, Terms terms, byte[] first, byte[] second)
      throws IOException {
    try (GateLine line = new GateLine(terms, GateLine.BOUNDS, GateLine.LOOPBACK)) {
      retry(line, first);
      send(line.client, second);
      assertThat(isReset(line.server())).as("the server got nothing").isTrue();
      assertThat(isReset(line.client)).isTrue();
      assertThat(line.events()).hasSize(2);
      assertThat(line.refusal()).contains(reason);
    }
  }

  private static void assertCut(String reason, byte[] second) throws IOException {
    assertCut(reason, Terms.NONE, FIRST, second);
  }

  @Test
  void passesASecondHelloForTheSameServer() throws Exception {
    assertPasses(Terms.NONE, FIRST, SECOND);
    assertPasses(Terms.NONE, FIRST, records(hello(serverName("A.Example")), 1));
  }

  @Test
  void cutsASecondHelloForAnotherServer() throws Exception {
    assertCut("the second TLS ClientHello names another server", OTHER);
    assertCut("names another server", records(hello(serverName("b.example")), 1));
    assertCut("names no server", records(hello(), 16384));
    // It is allowed by itself, but by another rule.
    assertCut("names another server", records(hello(serverName("c.example")), 16384));
  }

  @Test
  void holdsAnUnnamedHelloToBeingUnnamed() throws Exception {
    Terms terms = new Terms(Optional.empty(), true, false);
    assertPasses(terms, records(hello(), 99), records(hello(), 99));
    assertCut("names another server", terms, records(hello(), 99), FIRST);
    assertCut("names no server", terms, FIRST, records(hello(), 99));
  }

  @Test
  void holdsAnEncryptedHelloToBeingEncrypted() throws Exception {
    Terms terms = new Terms(Optional.empty(), false, true);
    byte[] encrypted =
        records(hello(serverName("a.example"), extension(Hellos.ENCRYPTED, new byte[20])), 16384);
    assertPasses(terms, encrypted, encrypted);
    assertCut("encrypted, unlike the first", terms, FIRST, encrypted);
    assertCut("not encrypted, unlike the first", terms, encrypted, FIRST);
  }

  @Test
  void cutsASecondHelloThatIsNone() throws Exception {
    assertCut(
        "more than one server name", records(hello(serverName("a.example", "b.example")), 16384));
    assertCut("in its record", join(record(22, join(message(SECOND), message(OTHER)))));
    assertCut("another message", record(22, new byte[] {11, 0, 0, 0}));
    assertCut("a record of another kind", record(24, new byte[3]));
    assertCut("unknown version", new byte[] {(byte) 22, 2, 1, 0, 5});
    assertCut("a record of another kind", new byte[] {(byte) 0x80, 46, 1, 3, 1});
    assertCut(
        "a record of another kind in it",
        join(Arrays.copyOf(records(hello(serverName("a.example")), 40), 45), CHANGE_CIPHER_SPEC));
  }

  private static byte[] message(byte[] record) {
    return Arrays.copyOfRange(record, 5, record.length);
  }

  @Test
  void passesRecordsThatMayComeBeforeTheSecondHello() throws Exception {
    assertPasses(Terms.NONE, FIRST, join(CHANGE_CIPHER_SPEC, SECOND));
    assertPasses(Terms.NONE, FIRST, join(EARLY_DATA, EARLY_DATA, CHANGE_CIPHER_SPEC, SECOND));
    assertCut("names another server", join(CHANGE_CIPHER_SPEC, OTHER));
    assertCut("names another server", join(EARLY_DATA, OTHER));
  }

  @Test
  void holdsBackASecondHelloThatCameWithTheFirst() throws Exception {
    byte[] rest = join(CHANGE_CIPHER_SPEC, SECOND, EARLY_DATA);
    try (GateLine line = new GateLine()) {
      send(line.client, join(FIRST, rest));
      assertThat(read(line.server(), FIRST.length)).isEqualTo(FIRST);
      assertThat(isSilent(line.server())).isTrue();
      assertThat(line.keepsNothing()).isFalse();
      send(line.server(), RETRY);
      assertThat(read(line.client, RETRY.length)).isEqualTo(RETRY);
      assertThat(read(line.server(), rest.length)).isEqualTo(rest);
      assertThat(line.isJoined()).isTrue();
      assertThat(line.keepsNothing()).isTrue();
    }
    try (GateLine line = new GateLine()) {
      send(line.client, join(FIRST, OTHER));
      assertThat(read(line.server(), FIRST.length)).isEqualTo(FIRST);
      send(line.server(), RETRY);
      assertThat(isReset(line.server())).isTrue();
      assertThat(line.refusal()).contains("names another server");
    }
  }

  private static GateLine bytewise(byte[] second) throws IOException {
    GateLine line = new GateLine();
    sendBytewise(line.client, FIRST);
    assertThat(read(line.server(), FIRST.length)).isEqualTo(FIRST);
    sendBytewise(line.server(), RETRY);
    assertThat(read(line.client, RETRY.length)).isEqualTo(RETRY);
    sendBytewise(line.client, second);
    return line;
  }

  @Test
  void readsBothEndsByteByByte() throws Exception {
    byte[] second = join(CHANGE_CIPHER_SPEC, SECOND);
    try (GateLine line = bytewise(second)) {
      assertThat(read(line.server(), second.length)).isEqualTo(second);
      assertThat(line.isJoined()).isTrue();
    }
    try (GateLine line = bytewise(OTHER)) {
      assertThat(isReset(line.server())).isTrue();
      assertThat(line.refusal()).contains("names another server");
    }
  }

  @Test
  void passesWhatTheServerSaysBehindItsRequest() throws Exception {
    try (GateLine line = new GateLine()) {
      send(line.client, FIRST);
      read(line.server(), FIRST.length);
      byte[] answer = join(RETRY, CHANGE_CIPHER_SPEC);
      send(line.server(), answer);
      assertThat(read(line.client, answer.length)).isEqualTo(answer);
      send(line.server(), EARLY_DATA);
      assertThat(read(line.client, EARLY_DATA.length)).isEqualTo(EARLY_DATA);
      send(line.client, SECOND);
      assertThat(read(line.server(), SECOND.length)).isEqualTo(SECOND);
    }
  }

  @Test
  void joinsBothEndsOnceTheServerTakesTheHello() throws Exception {
    byte[] answer = join(Hellos.serverHello(), CHANGE_CIPHER_SPEC, record(23, new byte[9000]));
    for (byte[] rest : new byte[][] {{}, EARLY_DATA}) {
      try (GateLine line = new GateLine()) {
        send(line.client, join(FIRST, rest));
        assertThat(read(line.server(), FIRST.length)).isEqualTo(FIRST);
        assertThat(isSilent(line.server())).isTrue();
        send(line.server(), answer);
        assertThat(read(line.client, answer.length)).isEqualTo(answer);
        assertThat(read(line.server(), rest.length)).isEqualTo(rest);
        assertThat(line.isJoined()).isTrue();
        line.client.shutdownOutput();
        assertThat(readAll(line.server())).isEmpty();
        send(line.server(), EARLY_DATA);
        line.server().shutdownOutput();
        assertThat(readAll(line.client)).isEqualTo(EARLY_DATA);
      }
    }
  }

  @Test
  void passesAnAlertOfTheServer() throws Exception {
    byte[] alert = record(21, (byte) 2, (byte) 40);
    try (GateLine line = new GateLine()) {
      send(line.client, FIRST);
      read(line.server(), FIRST.length);
      send(line.server(), alert);
      assertThat(read(line.client, alert.length)).isEqualTo(alert);
      line.server().shutdownOutput();
      assertThat(readAll(line.client)).isEmpty();
    }
  }

  @Test
  void cutsAServerThatHidesARequest() throws Exception {
    try (GateLine line = new GateLine()) {
      send(line.client, FIRST);
      read(line.server(), FIRST.length);
      byte[] request = message(RETRY);
      send(line.server(), record(22, Arrays.copyOf(request, 10)));
      assertThat(isReset(line.client)).isTrue();
      assertThat(line.refusal()).contains("can't be told from a TLS HelloRetryRequest");
    }
  }

  @Test
  void passesTheEndOfAServerThatEndsEarly() throws Exception {
    for (int length : new int[] {0, 1, 20}) {
      try (GateLine line = new GateLine()) {
        send(line.client, FIRST);
        read(line.server(), FIRST.length);
        send(line.server(), Arrays.copyOf(RETRY, length));
        line.server().shutdownOutput();
        assertThat(readAll(line.client)).isEqualTo(Arrays.copyOf(RETRY, length));
        send(line.client, EARLY_DATA);
        assertThat(read(line.server(), EARLY_DATA.length)).isEqualTo(EARLY_DATA);
      }
    }
  }

  @Test
  void passesTheResetOfAServer() throws Exception {
    try (GateLine line = new GateLine()) {
      send(line.client, FIRST);
      read(line.server(), FIRST.length);
      line.server().setSoLinger(true, 0);
      line.server().close();
      assertThat(isReset(line.client)).isTrue();
      assertThat(line.events()).hasSize(1);
    }
  }

  @Test
  void tellsAServerThatTheClientIsGone() throws Exception {
    try (GateLine line = new GateLine()) {
      send(line.client, FIRST);
      read(line.server(), FIRST.length);
      line.client.shutdownOutput();
      assertThat(readAll(line.server())).isEmpty();
      send(line.server(), RETRY);
      line.server().shutdownOutput();
      assertThat(readAll(line.client)).isEqualTo(RETRY);
    }
    try (GateLine line = new GateLine()) {
      send(line.client, FIRST);
      read(line.server(), FIRST.length);
      line.client.setSoLinger(true, 0);
      line.client.close();
      assertThat(isReset(line.server())).isTrue();
    }
  }

  /** Whatever came before the end is looked at like anything else. */
  @Test
  void holdsBackWhatAClientThatIsGoneHadSaid() throws Exception {
    try (GateLine line = new GateLine()) {
      send(line.client, FIRST);
      read(line.server(), FIRST.length);
      send(line.client, OTHER);
      line.client.shutdownOutput();
      assertThat(isSilent(line.server())).isTrue();
      send(line.server(), RETRY);
      assertThat(isReset(line.server())).isTrue();
      assertThat(line.refusal()).contains("names another server");
    }
    try (GateLine line = new GateLine()) {
      send(line.client, join(FIRST, EARLY_DATA));
      read(line.server(), FIRST.length);
      line.client.shutdownOutput();
      assertThat(isSilent(line.server())).isTrue();
      send(line.server(), Hellos.serverHello());
      assertThat(readAll(line.server())).isEqualTo(EARLY_DATA);
    }
  }

  @Test
  void passesTheEndOfAClientThatDoesNotTryAgain() throws Exception {
    byte[] alert = record(21, (byte) 2, (byte) 47);
    try (GateLine line = new GateLine()) {
      retry(line, FIRST);
      send(line.client, join(alert, OTHER));
      assertThat(readAll(line.server())).isEqualTo(alert);
      line.server().shutdownOutput();
      assertThat(line.events()).hasSize(1);
    }
    try (GateLine line = new GateLine()) {
      retry(line, FIRST);
      line.client.shutdownOutput();
      assertThat(readAll(line.server())).isEmpty();
      assertThat(line.events()).hasSize(1);
    }
    try (GateLine line = new GateLine()) {
      retry(line, FIRST);
      send(line.client, Arrays.copyOf(OTHER, 50));
      line.client.shutdownOutput();
      assertThat(isReset(line.server())).isTrue();
      assertThat(line.refusal()).contains("ended before its second TLS ClientHello did");
    }
  }

  @Test
  void doesNotWaitForeverForTheSecondHello() throws Exception {
    GateBounds bounds =
        new GateBounds(8, 8, 2L << 20, Duration.ofSeconds(1), Duration.ofSeconds(20));
    try (GateLine line = new GateLine(Terms.NONE, bounds, GateLine.LOOPBACK)) {
      retry(line, FIRST);
      send(line.client, Arrays.copyOf(SECOND, SECOND.length - 1));
      assertThat(isReset(line.client)).isTrue();
      assertThat(isReset(line.server())).isTrue();
      assertThat(line.refusal()).isEqualTo("no whole second TLS ClientHello within 1 s");
    }
    try (GateLine line = new GateLine(Terms.NONE, bounds, GateLine.LOOPBACK)) {
      retry(line, FIRST);
      send(line.client, SECOND);
      assertThat(read(line.server(), SECOND.length)).isEqualTo(SECOND);
      assertThat(isSilent(line.client, 1200)).isTrue();
      assertThat(line.isJoined()).as("the time-out is over").isTrue();
    }
  }

  @Test
  void boundsWhatItKeepsOfTheSecondHello() throws Exception {
    byte[] many = new byte[(128 << 10) + 20];
    for (int at = 0; at + CHANGE_CIPHER_SPEC.length <= many.length; ) {
      System.arraycopy(CHANGE_CIPHER_SPEC, 0, many, at, CHANGE_CIPHER_SPEC.length);
      at += CHANGE_CIPHER_SPEC.length;
    }
    assertCut("in too many records", many);
    GateBounds bounds = new GateBounds(8, 8, 9000, Duration.ofSeconds(20), Duration.ofSeconds(20));
    try (GateLine line = new GateLine(Terms.NONE, bounds, GateLine.LOOPBACK)) {
      retry(line, FIRST);
      send(line.client, Arrays.copyOf(many, 10_000));
      assertThat(isReset(line.client)).isTrue();
      assertThat(line.refusal()).contains("too many large TLS ClientHellos at once");
    }
  }

  @Test
  void chargesTheSecondHelloToTheBudget() throws Exception {
    int budget = FIRST.length + SECOND.length - 1;
    Terms terms = new Terms(Optional.of(new ByteSize(budget)), false, false);
    assertCut("max-upload", terms, FIRST, SECOND);
    assertPasses(new Terms(Optional.of(new ByteSize(budget + 1000)), false, false), FIRST, SECOND);
  }
}
