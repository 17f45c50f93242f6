package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the supervisor writes, read by the tables of {@code docs/init-protocol.md}. */
class InitFrameTest {
  private static final long SEED = 20_261_101L;
  private static final int LARGEST_SPAWN = 4 << 20;

  /** In the order of their numbers. */
  private static final List<InitFrame.Mode> MODES =
      List.of(InitFrame.Mode.PIPES, InitFrame.Mode.PTY, InitFrame.Mode.MERGED);

  @Test
  void encodesEveryFrameButSpawn() {
    check(InitFrame.stdin(7, new byte[] {1, -1}), 2, 7, 1, 0xff);
    check(InitFrame.stdin(-2, new byte[0]), 2, -2);
    check(
        InitFrame.outputCredit(7, InitFrame.Stream.STDOUT, 0x01020304),
        3,
        7,
        1,
        0x01,
        0x02,
        0x03,
        0x04);
    check(InitFrame.outputCredit(7, InitFrame.Stream.STDERR, 5), 3, 7, 2, 0, 0, 0, 5);
    check(InitFrame.signal(7, InitFrame.Scope.PROCESS, 9), 4, 7, 0, 9);
    check(InitFrame.signal(7, InitFrame.Scope.GROUP, 64), 4, 7, 1, 64);
    check(InitFrame.signal(7, InitFrame.Scope.SANDBOX, 15), 4, 7, 2, 15);
    check(InitFrame.resize(7, 24, 0xffff), 5, 7, 0, 24, 0xff, 0xff);
    check(InitFrame.killAll(), 6, 0);
    check(InitFrame.ping(new byte[] {1, 2, 3}), 7, 0, 1, 2, 3);
  }

  private static void check(byte[] encoded, int type, int command, int... payload) {
    FakeInit.Frame frame = FakeInit.Frame.decode(encoded);
    assertThat(frame.type()).isEqualTo(type);
    assertThat(frame.command()).isEqualTo(command);
    assertThat(frame.payload()).containsExactly(payload);
  }

  @Test
  void encodesWhatACommandIsMadeOf() throws SpawnTooLargeException {
    Random random = new Random(SEED);
    for (int round = 0; round < 300; round++) {
      InitFrame.Mode mode = MODES.get(random.nextInt(MODES.size()));
      CommandSpec spec =
          new CommandSpec(
              random.nextInt(),
              random.nextInt(),
              random.ints(random.nextInt(65)).boxed().toList(),
              mode,
              random.nextInt(1 << 16),
              random.nextInt(1 << 16),
              string(random, 200),
              strings(random, 1 + random.nextInt(20)),
              strings(random, random.nextInt(20)));
      FakeInit.Frame frame = FakeInit.Frame.decode(InitFrame.spawn(round + 1, spec));
      assertThat(frame.type()).isEqualTo(1);
      assertThat(frame.command()).isEqualTo(round + 1);
      assertThat(frame.spawn())
          .as("seed %d, round %d", SEED, round)
          .usingRecursiveComparison()
          .isEqualTo(
              new FakeInit.Spawn(
                  spec.uid(),
                  spec.gid(),
                  spec.groups(),
                  MODES.indexOf(mode),
                  spec.rows(),
                  spec.columns(),
                  spec.directory(),
                  spec.arguments(),
                  spec.environment()));
    }
  }

  /** Any bytes but NUL; not only text. */
  private static byte[] string(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (1 + random.nextInt(255));
    }
    return bytes;
  }

  private static List<byte[]> strings(Random random, int count) {
    List<byte[]> strings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      strings.add(string(random, 100));
    }
    return strings;
  }

  private static CommandSpec with(
      List<Integer> groups, String directory, List<byte[]> arguments, List<byte[]> environment) {
    return new CommandSpec(
        0,
        0,
        groups,
        InitFrame.Mode.PIPES,
        0,
        0,
        directory.getBytes(StandardCharsets.UTF_8),
        arguments,
        environment);
  }

  @Test
  void takesArgumentsOfAMegabyteAndRefusesWhatAFrameDoesNotHold() throws SpawnTooLargeException {
    int others = 4 * 5 + 1 + 4 + 4 + 1 + 4;
    byte[] largest = new byte[LARGEST_SPAWN - others];
    Arrays.fill(largest, (byte) 'a');
    byte[] frame = InitFrame.spawn(1, with(List.of(), "/", List.of(largest), List.of()));
    assertThat(frame).hasSize(12 + LARGEST_SPAWN);
    assertThat(FakeInit.Frame.decode(frame).spawn().arguments()).containsExactly(largest);
    assertThatThrownBy(() -> InitFrame.spawn(1, with(List.of(), "/x", List.of(largest), List.of())))
        .isInstanceOf(SpawnTooLargeException.class)
        .hasMessage(
            "arguments and environment take 4194305 bytes, and at most 4194304 can be executed;"
                + " pass large values in files of the workspace");
    List<byte[]> manyTimes = Collections.nCopies(5_000, new byte[] {'K', '=', 'v'});
    assertThat(InitFrame.spawn(1, with(List.of(), "/", manyTimes, manyTimes)))
        .hasSizeLessThan(1 << 20);
    int copies = 513;
    long more = (copies - 1L) * (4 + largest.length);
    assertThatThrownBy(
            () ->
                InitFrame.spawn(
                    1, with(List.of(), "/", Collections.nCopies(copies, largest), List.of())))
        .as("more bytes than an int counts")
        .isInstanceOf(SpawnTooLargeException.class)
        .hasMessageStartingWith(
            "arguments and environment take " + (LARGEST_SPAWN + more) + " bytes, ");
  }

  @Test
  void refusesCommandsThatNoKernelExecutes() {
    byte[] nul = {'a', 0, 'b'};
    byte[] plain = {'a'};
    assertThatThrownBy(() -> with(List.of(), "/", List.of(), List.of()))
        .hasMessage("a command has at least its program");
    assertThatThrownBy(() -> with(List.of(), "/", List.of(plain, nul), List.of()))
        .hasMessage("a NUL byte can't be in an argument, a variable or a path");
    assertThatThrownBy(() -> with(List.of(), "/", List.of(plain), List.of(nul)))
        .hasMessage("a NUL byte can't be in an argument, a variable or a path");
    assertThatThrownBy(() -> with(List.of(), "/\0", List.of(plain), List.of()))
        .hasMessage("a NUL byte can't be in an argument, a variable or a path");
    assertThatThrownBy(() -> with(Collections.nCopies(65, 1), "/", List.of(plain), List.of()))
        .hasMessage("at most 64 supplementary groups");
  }
}
