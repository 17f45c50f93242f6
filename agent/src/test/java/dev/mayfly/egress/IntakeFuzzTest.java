package dev.mayfly.egress;

import static dev.mayfly.egress.Hellos.extension;
import static dev.mayfly.egress.Hellos.hello;
import static dev.mayfly.egress.Hellos.records;
import static dev.mayfly.egress.Hellos.serverName;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/**
 * Whatever a client sends, it ends in one verdict at most, and no memory is lost. {@code
 * mayfly.fuzz.hellos} says how many are tried.
 */
class IntakeFuzzTest {
  private static final long SEED = 20_261_127L;
  private static final int TRIES = Integer.getInteger("mayfly.fuzz.hellos", 200_000);
  private static final int MOST_CHANGES = 6;
  private static final int[] EDGES = {0, 1, 2, 3, 4, 21, 22, 127, 128, 254, 255};

  private final Random random = new Random(SEED);
  private final List<byte[]> seeds = new ArrayList<>();

  IntakeFuzzTest() throws Exception {
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      seeds.add(Hellos.real(version, Optional.of("a.example")));
      seeds.add(Hellos.real(version, Optional.empty()));
    }
    byte[] handMade =
        hello(
            extension(Hellos.GREASE),
            serverName("a.example"),
            extension(Hellos.ENCRYPTED, new byte[20]));
    for (int longest : new int[] {1, 3, 40, 16384}) {
      seeds.add(records(handMade, longest));
    }
    seeds.add(records(hello(serverName("a.example", "b.example")), 50));
  }

  @Test
  void survivesDamagedHellos() throws Exception {
    ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    // On a thread of its own: the leak detector takes a stack trace of each use of each buffer.
    FutureTask<Integer> tries = new FutureTask<>(this::tryAll);
    Thread.ofPlatform().start(tries);
    try {
      assertThat(tries.get()).as("some damage does no harm, and some does").isBetween(1, TRIES - 1);
    } finally {
      ResourceLeakDetector.setLevel(before);
    }
  }

  /** How many of the damaged hellos may pass. */
  private int tryAll() {
    ArmedSandbox sandbox = IntakeChannel.sandbox();
    int passed = 0;
    for (int i = 0; i < TRIES; i++) {
      byte[] bytes = damaged(seeds.get(random.nextInt(seeds.size())));
      try (IntakeChannel channel = new IntakeChannel(sandbox)) {
        channel.feed(bytes, piece(bytes.length));
        List<GateDecision.Verdict> verdicts = channel.verdicts();
        if (verdicts.size() > 1) {
          throw new AssertionError("more than one verdict");
        }
        passed += verdicts.stream().anyMatch(GateDecision.Pass.class::isInstance) ? 1 : 0;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("try " + i + ": " + HexFormat.of().formatHex(bytes), e);
      }
    }
    return passed;
  }

  /** A few segments mostly, and sometimes one for every byte. */
  private int piece(int length) {
    return random.nextInt(50) == 0 ? 1 : 1 + length / (1 + random.nextInt(4));
  }

  private byte[] damaged(byte[] seed) {
    byte[] bytes = seed.clone();
    for (int change = random.nextInt(MOST_CHANGES); change >= 0; change--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) EDGES[random.nextInt(EDGES.length)];
        case 2 -> bytes[at] = (byte) random.nextInt();
        case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        default -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(20), bytes.length - Math.max(at, from));
          System.arraycopy(bytes, from, bytes, at, Math.max(0, length));
        }
      }
    }
    return bytes;
  }
}
