package dev.mayfly.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProcessFactsTest {
  private static final String STAT =
      "77 (a) b (c) S 12 77 76 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 4242 1000 10 18446744073709551615\n";
  private static final String STATUS =
      """
      Name:\ta) b (c
      Umask:\t0022
      State:\tS (sleeping)
      PPid:\t12
      Uid:\t1000\t4294967294\t1000\t1000
      Gid:\t5\t6\t5\t5
      NSpid:\t77\t3\t1
      CapEff:\t000001ffffffffff
      """;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void readsWhatTheKernelWrites() {
    assertThat(ProcessFacts.of(bytes(STAT), bytes(STATUS)))
        .contains(new ProcessFacts("a) b (c", 12, 76, 42_420_000_000L, -2, 6, 0x1ffffffffffL, 2));
  }

  @Test
  void takesNoFieldFromANameThatLooksLikeOne() {
    String hostile = STATUS.replace("a) b (c", "x\\nUid:\t0\t0\t0\t0");
    assertThat(ProcessFacts.of(bytes(STAT), bytes(hostile)).map(ProcessFacts::uid)).contains(-2);
  }

  @Test
  void takesNothingFromDamage() {
    assertThat(ProcessFacts.of(bytes(""), bytes(STATUS))).isEmpty();
    assertThat(ProcessFacts.of(bytes(STAT), bytes("Name:\tx\n"))).isEmpty();
    Random random = new Random(3);
    int read = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] stat = bytes(STAT);
      byte[] status = bytes(STATUS);
      stat[random.nextInt(stat.length)] = (byte) random.nextInt();
      status[random.nextInt(status.length)] = (byte) random.nextInt();
      Optional<ProcessFacts> facts = ProcessFacts.of(stat, status);
      read += facts.isPresent() ? 1 : 0;
    }
    assertThat(read).isPositive();
  }

  @Test
  void splitsArgumentsAtTheirEnds() {
    assertThat(Description.list(bytes("sh\0-c\0\0a b\0")))
        .isEqualTo(List.of("sh", "-c", "", "a b"));
    assertThat(Description.list(bytes("overwritten title"))).containsExactly("overwritten title");
    assertThat(Description.list(null)).isEmpty();
  }
}
