package dev.mayfly.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RawArgumentsTest {
  private static final long SEED = 20_261_101L;

  private static byte[] cmdline(List<byte[]> arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] argument : arguments) {
      bytes.writeBytes(argument);
      bytes.write(0);
    }
    return bytes.toByteArray();
  }

  @Test
  void keepsEmptyArguments() {
    assertThat(RawArguments.split(new byte[0])).isEmpty();
    assertThat(RawArguments.split(new byte[] {0})).containsExactly(new byte[0]);
    assertThat(RawArguments.split(new byte[] {'a', 0, 0, 'b', 0, 0}))
        .containsExactly(new byte[] {'a'}, new byte[0], new byte[] {'b'}, new byte[0]);
  }

  @Test
  void keepsBytesThatAreNoText() {
    Random random = new Random(SEED);
    for (int round = 0; round < 200; round++) {
      List<byte[]> arguments =
          Collections.nCopies(random.nextInt(20), 0).stream()
              .map(
                  i -> {
                    byte[] bytes = new byte[random.nextInt(50)];
                    for (int at = 0; at < bytes.length; at++) {
                      bytes[at] = (byte) (1 + random.nextInt(255));
                    }
                    return bytes;
                  })
              .toList();
      assertThat(RawArguments.split(cmdline(arguments)))
          .as("seed %d, round %d", SEED, round)
          .usingElementComparator(Arrays::compare)
          .isEqualTo(arguments);
    }
  }

  @Test
  void keepsAMegabyteInOneArgumentAndInMany() {
    byte[] large = new byte[1 << 20];
    Arrays.fill(large, (byte) 0xff);
    assertThat(RawArguments.split(cmdline(List.of(large, large)))).containsExactly(large, large);
    assertThat(RawArguments.split(cmdline(Collections.nCopies(1 << 19, new byte[] {'x'}))))
        .hasSize(1 << 19);
  }

  /** Those of this test's own process. */
  @Test
  void takesTheLastArgumentsOfTheProcess() throws IOException {
    String command = ProcessHandle.current().info().command().orElseThrow();
    String[] others = ProcessHandle.current().info().arguments().orElseThrow();
    String last = others[others.length - 1];
    assertThat(RawArguments.last(List.of("decoded otherwise")))
        .containsExactly(last.getBytes(StandardCharsets.UTF_8));
    List<byte[]> all = RawArguments.last(Collections.nCopies(others.length + 1, "?"));
    assertThat(all).hasSize(others.length + 1);
    assertThat(command).endsWith("/java");
    assertThat(new String(all.getFirst(), StandardCharsets.UTF_8)).endsWith("java");
    assertThat(RawArguments.last(List.of())).isEmpty();
  }

  @Test
  void takesTheDecodedOnesWhereTheProcessHasFewer() throws IOException {
    List<String> more = Collections.nCopies(100_000, "é");
    assertThat(RawArguments.last(more))
        .hasSize(100_000)
        .allMatch(bytes -> Arrays.equals(bytes, RawArguments.bytes("é")));
  }
}
