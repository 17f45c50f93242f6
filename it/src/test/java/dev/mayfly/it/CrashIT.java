package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A supervisor that is killed leaves nothing after the next start, whenever it is killed. */
final class CrashIT {
  private static final int KILLS = 20;
  private static final Duration LONGEST = Duration.ofMillis(2500);

  private final Path directory;
  private final Mayfly mayfly;

  CrashIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @Test
  void leavesNothingAfterTheNextStart() throws IOException, InterruptedException {
    long seed = System.nanoTime();
    System.out.println("CrashIT: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < KILLS; i++) {
      Process victim =
          mayfly.start(
              List.of("exec", "--config", mayfly.config().toString(), "--", "sleep", "1000"));
      awaitMoment(Duration.ofMillis(random.nextLong(LONGEST.toMillis())));
      victim.destroyForcibly().waitFor();
    }

    assertThat(mayfly.exec("true").exitCode()).isZero();

    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  /** The moment of the kill is this test's input, not something to wait for. */
  private static void awaitMoment(Duration moment) {
    long end = System.nanoTime() + moment.toNanos();
    for (long left = moment.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
