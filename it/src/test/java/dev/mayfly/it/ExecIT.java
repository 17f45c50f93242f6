package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One command, from the command line to the report. */
final class ExecIT {
  private final Path directory;
  private final Mayfly mayfly;

  ExecIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @Test
  void passesOutputAndExitCodeOn() {
    Mayfly.Result result = mayfly.exec("sh", "-c", "echo out; echo err >&2; exit 7");

    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
    assertThat(result.exitCode()).isEqualTo(7);
  }
}
