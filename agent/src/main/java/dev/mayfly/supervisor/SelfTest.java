package dev.mayfly.supervisor;

import dev.mayfly.monitor.Watch;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.CommandSpec;
import dev.mayfly.sandbox.InitFrame;
import dev.mayfly.sandbox.JobUser;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.SpawnTooLargeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Shows that what happens in a sandbox is seen: has its PID 1 execute a program of Mayfly's that
 * ends at once, and waits until that is told. What was before it has been told by then, too. A
 * source that looks at processes a little later may miss one that is so short: it is tried again.
 */
final class SelfTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration EACH = Duration.ofSeconds(1);
  private static final int ATTEMPTS = 5;
  private static final String PREFIX = "mayfly-self-test-";
  private static final int MARK_BYTES = 16;
  private static final String PROGRAM = SandboxPlanner.TOOLS + "/mayfly-init";

  private SelfTest() {}

  /** Whether an execution was seen. */
  static boolean isSeen(Sandbox sandbox, Watch watch) throws InterruptedException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (isSeenNow(sandbox, watch)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSeenNow(Sandbox sandbox, Watch watch) throws InterruptedException {
    byte[] random = new byte[MARK_BYTES];
    new SecureRandom().nextBytes(random);
    String mark = PREFIX + HexFormat.of().formatHex(random);
    CompletableFuture<Void> seen = watch.expect(mark);
    try {
      OutputStream nowhere = OutputStream.nullOutputStream();
      sandbox
          .channel()
          .spawn(spec(sandbox.user(), mark), new Command.Sinks(nowhere, nowhere))
          .end()
          .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      seen.get(EACH.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (IOException | SpawnTooLargeException | ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private static CommandSpec spec(JobUser user, String mark) {
    return new CommandSpec(
        user.uid(),
        user.gid(),
        user.groups(),
        InitFrame.Mode.PIPES,
        0,
        0,
        "/".getBytes(StandardCharsets.UTF_8),
        List.of(PROGRAM.getBytes(StandardCharsets.UTF_8), mark.getBytes(StandardCharsets.UTF_8)),
        List.of());
  }
}
