package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One command on the private engine, from the command line to the report. */
final class ExecIT extends EngineContract {
  ExecIT(@TempDir Path directory) {
    super(TestEngine.PRIVATE, directory);
  }

  @Test
  void confinesTheJob() {
    Mayfly.Result result =
        mayfly().exec("sh", "-c", "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status");

    assertThat(result.stdout())
        .contains("CapEff:\t00000000000004fb", "NoNewPrivs:\t1", "Seccomp:\t2");
  }
}
