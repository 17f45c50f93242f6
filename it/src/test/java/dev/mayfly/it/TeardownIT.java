package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sandbox of a job that does what it can to stay is gone all the same, and the report says so.
 */
final class TeardownIT {
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  /** A process that ignores whatever can be ignored, and prints "caught" at SIGTERM. */
  private static final String STUBBORN =
      """
      import os, signal, sys, time
      def ignore(say=False):
          for number in set(range(1, 65)) - {signal.SIGCHLD}:
              try: signal.signal(number, signal.SIG_IGN)
              except (OSError, ValueError): pass
          if say: signal.signal(signal.SIGTERM, lambda *_: print("caught", flush=True))
      def detach(work):
          if os.fork() == 0:
              os.setsid()
              if os.fork() == 0:
                  work()
              os._exit(0)
          os.wait()
      def stay():
          while True: time.sleep(1000)
      """;

  /** Fills the limit on processes. */
  private static final String FULL_OF_SLEEPERS =
      STUBBORN
          + """
          ignore(say=True)
          while True:
              try:
                  if os.fork() == 0: stay()
              except OSError:
                  break
          print("full", flush=True)
          """;

  /** Fills the limit on processes and keeps it full. */
  private static final String FORK_BOMB =
      STUBBORN
          + """
          def bomb():
              ignore()
              while True:
                  try: os.fork()
                  except OSError: pass
          detach(bomb)
          """
          + FULL_OF_SLEEPERS;

  private static final String FEW_PROCESSES =
      "policies: [{name: default, limits: {pids: 256, lifetime: %s}}]\n";

  private static final List<String> TABLE = new ArrayList<>();

  private final Path directory;
  private final Mayfly mayfly;
  private final String name;

  TeardownIT(@TempDir Path directory, TestInfo test) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
    this.name = test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @AfterAll
  static void printTable() {
    System.out.printf(
        Locale.ROOT, "%n%-56s %10s %10s %10s%n", "teardown, ms", "in all", "stop", "destroy");
    TABLE.forEach(System.out::println);
  }

  private Report destroyed(Mayfly used) {
    Report report = used.lastReport();
    TABLE.add(
        String.format(
            Locale.ROOT,
            "%-56s %10.1f %10.1f %10.1f",
            name,
            millis(report, "teardown"),
            millis(report, "stop"),
            millis(report, "destroy")));
    assertThat(report.teardown().leftovers()).isEmpty();
    assertThat(report.teardown().verified()).isTrue();
    return report;
  }

  private static double millis(Report report, String span) {
    return report.timeline().stream()
            .filter(part -> part.name().equals(span))
            .mapToLong(Report.SpanPart::durationNs)
            .sum()
        / 1e6;
  }

  @Test
  void endsAForkBombThatOutlivesItsCommand() {
    Mayfly few = Mayfly.onPrivateEngine(directory, FEW_PROCESSES.formatted("2h"));

    Mayfly.Result result = few.exec("python3", "-c", FORK_BOMB + "sys.exit(3)\n");

    assertThat(result.stdout()).isEqualTo("full\n");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(destroyed(few).resources().peakPids()).isEqualTo(256);
  }

  @Test
  void endsAForkBombOfAShell() {
    Mayfly.Result result =
        mayfly.exec(
            "bash", "-c", "b() { b | b & }; b; exec python3 -c \"$1\"", "bash", FULL_OF_SLEEPERS);

    assertThat(result.stdout()).isEqualTo("full\n");
    assertThat(destroyed(mayfly).resources().peakPids()).isEqualTo(1024);
  }

  /** The bomb leaves its command no time to say that it got the first signal. */
  @Test
  void endsAForkBombAtTheSecondSignal() throws IOException, InterruptedException {
    Mayfly few = Mayfly.onPrivateEngine(directory, FEW_PROCESSES.formatted("2h"));

    try (RunningExec exec = few.startExec("python3", "-c", FORK_BOMB + "stay()\n")) {
      exec.awaitLine("full");
      exec.signal(SIGTERM);
      exec.signal(SIGINT);

      assertThat(exec.await().exitCode()).isIn(128 + SIGTERM, 128 + SIGINT);
    }
    assertThat(destroyed(few).outcome().kind()).isEqualTo("cancelled");
  }

  @Test
  void endsAForkBombAtItsLifetime() {
    Mayfly brief = Mayfly.onPrivateEngine(directory, FEW_PROCESSES.formatted("4s"));

    Mayfly.Result result = brief.exec("python3", "-c", FORK_BOMB + "stay()\n");

    assertThat(result.exitCode()).isEqualTo(124);
    destroyed(brief);
  }

  private static final String DAEMONS =
      STUBBORN
          + """
          ignore()
          for _ in range(50): detach(stay)
          ignore(say=True)
          print("detached", flush=True)
          """;

  @Test
  void endsDetachedProcessesThatIgnoreSignals() {
    Mayfly.Result result = mayfly.exec("python3", "-c", DAEMONS);

    assertThat(result.stdout()).isEqualTo("detached\n");
    assertThat(result.exitCode()).isZero();
    assertThat(destroyed(mayfly).resources().peakPids()).isGreaterThan(50);
  }

  @Test
  void endsDetachedProcessesThatIgnoreSignalsAtTheSecondSignal()
      throws IOException, InterruptedException {
    try (RunningExec exec = mayfly.startExec("python3", "-c", DAEMONS + "stay()\n")) {
      exec.awaitLine("detached");
      exec.signal(SIGTERM);
      exec.awaitLine("caught");
      exec.signal(SIGTERM);

      assertThat(exec.await().exitCode()).isEqualTo(128 + SIGTERM);
    }
    assertThat(destroyed(mayfly).outcome().kind()).isEqualTo("cancelled");
  }

  @Test
  void removesAHundredThousandFiles() {
    Mayfly.Result result =
        mayfly.exec(
            "python3",
            "-c",
            """
            import os
            for top in "/workspace", "/var/many":
                os.makedirs(top, exist_ok=True)
                for i in range(100000):
                    if i % 1000 == 0: os.mkdir(f"{top}/{i}")
                    with open(f"{top}/{i // 1000 * 1000}/{i}", "w") as file: file.write("small")
            print("made", flush=True)
            """);

    assertThat(result.stdout()).isEqualTo("made\n");
    destroyed(mayfly);
  }

  @Test
  void removesAFullDisk() {
    Mayfly small =
        Mayfly.onPrivateEngine(
            directory, "policies: [{name: default, limits: {disk: 1GiB, inodes: 20000}}]\n");

    Mayfly.Result result =
        small.exec(
            "python3",
            "-c",
            """
            import errno, os
            def fill(top):
                for i in range(10**9): open(f"{top}/{i}", "w").close()
            def pour(top):
                with open(f"{top}/full", "wb", 0) as file:
                    while True: file.write(b"x" * 2**20)
            def full(how, top):
                try: how(top)
                except OSError as e: print(errno.errorcode[e.errno], flush=True)
            open("/var/full", "w").close(), open("/workspace/full", "w").close()
            full(fill, "/workspace"), full(fill, "/var")
            full(pour, "/workspace"), full(pour, "/var")
            """);

    assertThat(result.stdout().lines()).hasSize(4).containsOnly("ENOSPC");
    destroyed(small);
  }

  @Test
  void detachesMountsWhoseFilesAreOpenAndMapped() {
    Mayfly.Result result =
        mayfly.exec(
            "python3",
            "-c",
            STUBBORN
                + """
                import mmap
                held = []
                def hold(path):
                    try:
                        file = open(path if os.path.isfile(path) else path + "/held", "a+b")
                        file.write(b"x" * 4096), file.flush()
                    except OSError:
                        file = None
                    if file:
                        held.append((file, mmap.mmap(file.fileno(), 4096)))
                        return True
                    try: held.append(os.open(path, os.O_RDONLY))
                    except OSError: pass
                    return False
                mounts = [line.split()[4] for line in open("/proc/self/mountinfo")]
                written = [path for path in mounts if hold(path)]
                os.chdir("/workspace")
                detach(stay)
                for path in "/", "/workspace", "/tmp", "/etc/hosts": print(path in written)
                """);

    assertThat(result.stdout().lines()).as(result.stderr()).hasSize(4).containsOnly("True");
    destroyed(mayfly);
  }

  @Test
  void removesDeepAndOddlyNamedDirectories() {
    Mayfly.Result result =
        mayfly.exec(
            "python3",
            "-c",
            """
            import os
            for top in "/workspace", "/var":
                os.chdir(top)
                for i in range(1000):
                    name = b"\\n\\xff\\x1b" + b"n" * 252
                    os.mkdir(name)
                    os.chdir(name)
                open("file", "w").close()
            print("made", flush=True)
            """);

    assertThat(result.stdout()).isEqualTo("made\n");
    destroyed(mayfly);
  }
}
