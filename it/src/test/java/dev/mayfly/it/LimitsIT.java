package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job gets what its policy grants it, and no more. */
final class LimitsIT {
  /** Forks processes that stay, as many as it is told, and tells how many there were. */
  private static final String FORK =
      """
      import errno, os, signal, sys
      made = 0
      try:
          while made < int(sys.argv[1]):
              if os.fork() == 0:
                  signal.pause()
              made += 1
          print("OK", made)
      except OSError as failure:
          print(errno.errorcode[failure.errno], made)
      """;

  /** Opens as many files as it is told. */
  private static final String OPEN =
      """
      import errno, os, sys
      files = []
      try:
          while len(files) < int(sys.argv[1]):
              files.append(os.open("/dev/null", os.O_RDONLY))
          print("OK", len(files))
      except OSError as failure:
          print(errno.errorcode[failure.errno], len(files))
      """;

  private static final String FILL_MEMORY =
      """
      import sys
      print(len(b"x" * (int(sys.argv[1]) << 20)) >> 20)
      """;

  private final Path directory;
  private final Mayfly mayfly;

  LimitsIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly =
        Mayfly.onPrivateEngine(
            directory,
            """
            policies:
            - name: small
              limits: {cpus: 0.5, memory: 128MiB, pids: 32, open-files: 512}
            """);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private Mayfly.Result python(String policy, String program, int argument) {
    return mayfly.execWith(
        List.of("--policy", policy), "python3", "-c", program, Integer.toString(argument));
  }

  @Test
  void forksUpToItsLimitOfProcesses() {
    // PID 1 and the forking process count too.
    assertThat(python("small", FORK, 30).stdout()).isEqualTo("OK 30\n");
    assertThat(python("small", FORK, 100).stdout()).isEqualTo("EAGAIN 30\n");
    assertThat(python("default", FORK, 100).stdout()).isEqualTo("OK 100\n");
  }

  @Test
  void opensFilesUpToItsLimit() {
    // The three standard streams count too.
    assertThat(python("small", OPEN, 1000).stdout()).isEqualTo("EMFILE 509\n");
    assertThat(python("default", OPEN, 1000).stdout()).isEqualTo("OK 1000\n");
  }

  @Test
  void isKilledBeyondItsMemoryAndToldWhy() {
    Mayfly.Result over = python("small", FILL_MEMORY, 256);

    assertThat(over.exitCode()).isEqualTo(137);
    assertThat(over.stdout()).isEmpty();
    assertThat(over.stderr()).contains("memory limit of 128MiB", "limits.memory in policy small");
  }

  @Test
  void usesTheMemoryThatItHas() {
    Mayfly.Result under = python("small", FILL_MEMORY, 64);

    assertThat(under.exitCode()).isZero();
    assertThat(under.stdout()).isEqualTo("64\n");
    assertThat(under.stderr()).isEmpty();
  }

  @Test
  void hasAQuarterOfItsMemoryForTemporaryFiles() {
    String fill =
        "grep ' /tmp ' /proc/mounts | cut -d' ' -f4; stat -f -c '%b %S' /tmp;"
            + " head -c 31M /dev/zero >/tmp/fits && echo fits; head -c 2M /dev/zero >/tmp/over";

    Mayfly.Result result = mayfly.execWith(List.of("--policy", "small"), "sh", "-c", fill);

    List<String> lines = result.stdout().lines().toList();
    assertThat(lines.get(0).split(",")).contains("rw", "nosuid", "nodev").doesNotContain("noexec");
    assertThat(lines.subList(1, lines.size())).containsExactly("8192 4096", "fits");
    assertThat(result.stderr()).contains("No space left on device");
  }

  @Test
  void leavesNoCore() {
    String crash = "ulimit -Hc; ulimit -c; sh -c 'kill -SEGV $$'; echo $?; ls -A; cd /tmp && ls -A";

    assertThat(mayfly.exec("sh", "-c", crash).stdout()).isEqualTo("0\n0\n139\n");
  }

  @Test
  void hasItsShareOfTheProcessors() {
    String quota =
        "cd /sys/fs/cgroup; if [ -e cpu.max ]; then cat cpu.max;"
            + " else echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us); fi";

    assertThat(mayfly.execWith(List.of("--policy", "small"), "sh", "-c", quota).stdout())
        .isEqualTo("50000 100000\n");
    assertThat(mayfly.exec("sh", "-c", quota).stdout()).isEqualTo("200000 100000\n");
  }
}
