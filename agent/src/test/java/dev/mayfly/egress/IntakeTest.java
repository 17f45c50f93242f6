package dev.mayfly.egress;

import static dev.mayfly.egress.Hellos.extension;
import static dev.mayfly.egress.Hellos.hello;
import static dev.mayfly.egress.Hellos.join;
import static dev.mayfly.egress.Hellos.record;
import static dev.mayfly.egress.Hellos.records;
import static dev.mayfly.egress.Hellos.serverName;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntakeTest {
  private static final byte[] HELLO =
      hello(extension(Hellos.GREASE), serverName("a.example"), extension(21, new byte[300]));
  private static final int EXTENSION_OVERHEAD = 4;

  private static void assertPasses(byte[] bytes, int piece) {
    try (IntakeChannel channel = new IntakeChannel()) {
      channel.feed(bytes, piece);
      assertThat(channel.verdicts()).singleElement().isInstanceOf(GateDecision.Pass.class);
      assertThat(channel.passedOn()).isEqualTo(bytes);
    }
  }

  private static void assertRefuses(String reason, byte[] bytes) {
    try (IntakeChannel channel = new IntakeChannel()) {
      channel.feed(bytes, bytes.length);
      assertThat(channel.verdicts().isEmpty() ? channel.failure() : channel.verdicts().toString())
          .contains(reason);
    }
  }

  /** A hello of exactly so many bytes. */
  private static byte[] padded(int length) {
    int base = hello(serverName("a.example")).length;
    int first = Math.min(length - base - EXTENSION_OVERHEAD, 40_000);
    byte[] one = extension(21, new byte[first]);
    int rest = length - base - one.length - EXTENSION_OVERHEAD;
    return rest < 0
        ? hello(serverName("a.example"), one)
        : hello(serverName("a.example"), one, extension(22, new byte[rest]));
  }

  /** As {@link #padded}, where extensions alone can't be as long. */
  private static byte[] withSuites(int length) {
    byte[] extensions = serverName("a.example");
    int suites = length - 2 - 32 - 2 - 2 - 2 - 2 - extensions.length;
    return join(
        new byte[] {3, 3},
        new byte[32],
        new byte[] {1, 0},
        Hellos.u16(suites),
        new byte[suites],
        new byte[] {1, 0},
        Hellos.u16(extensions.length),
        extensions);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 100, 100_000})
  void readsSegmentsOfAnyLength(int piece) throws Exception {
    assertPasses(records(HELLO, 16384), piece);
    assertPasses(Hellos.real("TLSv1.3", Optional.of("a.example")), piece);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 100})
  void readsRecordsOfAnyLength(int longest) {
    assertPasses(records(HELLO, longest), 1);
    assertPasses(records(HELLO, longest), 1000);
  }

  @Test
  void passesOnWhatCameBehindTheHello() {
    assertPasses(join(records(HELLO, 16384), "early data".getBytes(StandardCharsets.UTF_8)), 50);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100, 16384})
  void tellsWhereTheRecordsOfTheHelloEnd(int longest) {
    byte[] hello = records(HELLO, longest);
    try (IntakeChannel channel = new IntakeChannel()) {
      byte[] all = join(hello, records(HELLO, longest));
      channel.feed(all, all.length);
      assertThat(channel.hello().length()).isEqualTo(hello.length);
      assertThat(channel.hello().hello().serverName().orElseThrow().text()).isEqualTo("a.example");
      assertThat(channel.passedOn()).isEqualTo(all);
    }
  }

  /** A second hello in the record of the first is nothing that could be held back. */
  @Test
  void refusesHandshakeBytesBehindTheHelloInItsRecord() {
    byte[] one = records(HELLO, 16384);
    byte[] message = Arrays.copyOfRange(one, 5, one.length);
    assertRefuses("with bytes after it in its record", record(22, join(message, message)));
    assertRefuses("with bytes after it in its record", record(22, join(message, new byte[1])));
    byte[] start = Arrays.copyOf(message, 100);
    byte[] end = Arrays.copyOfRange(message, 100, message.length);
    assertPasses(join(record(22, start), record(22, end)), 1000);
    assertRefuses(
        "with bytes after it in its record",
        join(record(22, start), record(22, join(end, new byte[1]))));
  }

  @Test
  void readsUpTo64KiB() {
    assertPasses(records(padded(40_000), 16384), 4000);
    assertPasses(records(withSuites(65536), 16384), 16384);
    assertRefuses("exceeds 65536", records(withSuites(65538), 16384));
    assertRefuses(
        "exceeds 65536", new byte[] {22, 3, 1, 0, 4, 1, (byte) 255, (byte) 255, (byte) 255});
    assertRefuses("too many records", records(withSuites(60_000), 1));
  }

  @Test
  void refusesWhatIsNotTls() {
    assertRefuses("does not begin", "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertRefuses("does not begin", "SSH-2.0-OpenSSH\r\n".getBytes(StandardCharsets.US_ASCII));
    assertRefuses("does not begin", new byte[] {(byte) 0x80, 46, 1, 3, 1, 0, 21, 0, 0, 0, 16, 0});
    assertRefuses("does not begin", new byte[] {23, 3, 3, 0, 1, 0});
    assertRefuses("does not begin", new byte[] {21, 3, 3, 0, 2, 2, 40});
    assertRefuses("does not begin", new byte[] {22, 3, 3, 0, 4, 2, 0, 0, 0});
    assertRefuses("does not begin", new byte[] {22, 3, 3, 0, 0});
  }

  @Test
  void refusesOtherRecordsWithinTheHello() {
    byte[] halves = records(HELLO, 200);
    byte[] first = Arrays.copyOf(halves, 205);
    byte[] second = Arrays.copyOfRange(halves, 205, halves.length);
    assertPasses(join(first, second), 1000);
    assertRefuses("does not begin", join(first, new byte[] {20, 3, 3, 0, 1, 1}, second));
  }

  @Test
  void refusesAMalformedHelloWithItsReason() {
    assertRefuses("more than one server name", records(hello(serverName("a.example", "b")), 100));
  }
}
