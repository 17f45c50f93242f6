package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
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

  @Test
  void givesAShellsCodesForWhatCannotBeExecuted() {
    Mayfly.Result missing = mayfly.exec("no-such-command");
    Mayfly.Result directory = mayfly.exec("/usr");

    assertThat(missing.exitCode()).isEqualTo(127);
    assertThat(missing.stderr()).startsWith("mayfly: no-such-command: not found in the sandbox");
    assertThat(directory.exitCode()).isEqualTo(126);
  }

  @Test
  void passesBinaryInputThroughUnchanged() {
    byte[] bytes = new byte[10 << 20];
    new Random(7).nextBytes(bytes);

    Mayfly.Result result =
        mayfly.run(
            new ByteArrayInputStream(bytes),
            List.of("exec", "--config", mayfly.config().toString(), "--", "cat"));

    assertThat(result.stdoutBytes()).isEqualTo(bytes);
  }

  @Test
  void endsWhatTheCommandLeftRunning() {
    Mayfly.Result result = mayfly.exec("sh", "-c", "setsid sleep 1000 & echo started");

    assertThat(result.stdout()).isEqualTo("started\n");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void confinesTheJob() {
    Mayfly.Result result =
        mayfly.exec("sh", "-c", "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status");

    assertThat(result.stdout())
        .contains("CapEff:\t00000000000004fb", "NoNewPrivs:\t1", "Seccomp:\t2");
  }

  @Test
  void keepsPid1OutOfReachOfRootWhileItsOwnProcessesAreInReach() {
    Mayfly.Result result =
        mayfly.exec(
            "sh",
            "-c",
            "sleep 1000 & cat /proc/$!/environ >/dev/null && echo control-read;"
                + " cat /proc/1/environ >/dev/null 2>&1 || echo refused;"
                + " kill -9 1; echo alive; kill -9 $! && echo control-killed");

    assertThat(result.stdout().lines())
        .containsExactly("control-read", "refused", "alive", "control-killed");
  }

  @Test
  void boundsTheDisk() {
    Mayfly small =
        Mayfly.onPrivateEngine(
            directory, "policies: [{name: default, limits: {disk: 64MiB, inodes: 2000}}]\n");

    Mayfly.Result result =
        small.exec(
            "sh",
            "-c",
            "head -c 10M /dev/zero > control && echo fits;"
                + " head -c 100M /dev/zero > /var/big || echo full");

    assertThat(result.stdout()).isEqualTo("fits\nfull\n");
    assertThat(result.stderr()).contains("No space left on device");
  }

  @Test
  void endsASandboxAtItsLifetime() {
    Mayfly brief =
        Mayfly.onPrivateEngine(directory, "policies: [{name: default, limits: {lifetime: 2s}}]\n");

    Mayfly.Result result = brief.exec("sleep", "1000");

    assertThat(result.exitCode()).isEqualTo(124);
    assertThat(result.stderr()).contains("reached its lifetime");
  }

  @Test
  void refusesAnImageThatIsNotThereInOneLine() {
    Mayfly never = Mayfly.onPrivateEngine(directory, "policies: [{name: default, pull: never}]\n");

    Mayfly.Result result = never.execWith(List.of("--image", "no-such-image:v1"), "true");

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stderr().lines()).hasSize(1).allMatch(line -> line.contains("pull: never"));
  }

  @Test
  void startsNothingWithAWrongConfiguration() {
    Mayfly wrong = Mayfly.onPrivateEngine(directory, "polices: []\n");

    Mayfly.Result result = wrong.exec("true");

    assertThat(result.exitCode()).isEqualTo(78);
    assertThat(result.stderr()).contains("did you mean \"policies\"?");
  }
}
