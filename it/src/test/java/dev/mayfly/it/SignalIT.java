package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is signalled to {@code mayfly exec} reaches the command, and ends the job at the second
 * time.
 */
final class SignalIT {
  private static final int SIGHUP = 1;
  private static final int SIGTERM = 15;

  private final Path directory;
  private final Mayfly mayfly;

  SignalIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private static String trapping(String name, String reaction) {
    return "trap '%s' %s; echo ready; while :; do sleep 1000 & wait; done"
        .formatted(reaction, name);
  }

  @ParameterizedTest
  @CsvSource({"INT,2", "TERM,15", "HUP,1"})
  void passesTheFirstSignalOn(String name, int number) throws IOException, InterruptedException {
    try (RunningExec exec = mayfly.startExec("sh", "-c", trapping(name, "echo got it; exit 42"))) {
      exec.awaitLine("ready");
      exec.signal(number);
      Mayfly.Result result = exec.await();

      assertThat(result.stdout()).isEqualTo("got it\n");
      assertThat(result.stderr()).isEmpty();
      assertThat(result.exitCode()).isEqualTo(42);
    }
    assertThat(mayfly.lastReport().outcome().kind()).isEqualTo("exited");
  }

  @ParameterizedTest
  @CsvSource({"INT,2", "TERM,15", "HUP,1"})
  void endsTheJobAtTheSecondSignal(String name, int number)
      throws IOException, InterruptedException {
    try (RunningExec exec = mayfly.startExec("sh", "-c", trapping(name, "echo caught"))) {
      exec.awaitLine("ready");
      exec.signal(number);
      exec.awaitLine("caught");
      exec.signal(number);
      Mayfly.Result result = exec.await();

      assertThat(result.stderr()).isEqualTo("mayfly: cancelled: ended by signal " + number + "\n");
      assertThat(result.exitCode()).isEqualTo(128 + number);
    }
  }

  @Test
  void startsNoCommandOnceItIsSignalled() throws IOException, InterruptedException {
    try (RunningExec exec = mayfly.startExec("sh", "-c", "echo ran; sleep 1000")) {
      awaitSandboxInTheMaking();
      exec.signal(SIGTERM);
      Mayfly.Result result = exec.await();

      assertThat(result.stdout()).isEmpty();
      assertThat(result.exitCode()).isEqualTo(128 + SIGTERM);
    }
    assertThat(mayfly.lastReport().timeline()).noneMatch(span -> span.name().equals("command"));
  }

  private void awaitSandboxInTheMaking() throws IOException {
    Path sandboxes = directory.resolve("state/sandboxes");
    while (true) {
      if (Files.isDirectory(sandboxes)) {
        try (var entries = Files.list(sandboxes)) {
          if (entries.anyMatch(
              entry -> SandboxId.parse(entry.getFileName().toString()).isPresent())) {
            return;
          }
        }
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void leavesASignalIgnoredThatItsParentIgnores() throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.addAll(List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh"));
    line.add(Site.launcher().toString());
    line.addAll(mayfly.execLine(List.of(), "sh", "-c", "trap 'exit 42' HUP TERM; echo ready; cat"));
    try (RunningExec exec = new RunningExec(new ProcessBuilder(line).start())) {
      exec.awaitLine("ready");
      exec.signal(SIGHUP);
      exec.endInput();

      assertThat(exec.await().exitCode()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"KILL,137", "SEGV,139", "ABRT,134", "TERM,143"})
  void exitsAsAShellDoesWhenASignalOfItsOwnEndsTheCommand(String name, int code) {
    Mayfly.Result result =
        mayfly.exec("sh", "-c", "echo before; kill -" + name + " $$; sleep 1000");

    assertThat(result.stdout()).isEqualTo("before\n");
    assertThat(result.exitCode()).isEqualTo(code);
  }

  @Test
  void passesTwoHundredThousandLinesOnInTheirOrderOnTheirOwnStreams() {
    Mayfly.Result result =
        mayfly.exec(
            "python3",
            "-uc",
            """
            import sys
            for i in range(100000):
                sys.stdout.write(f"out {i}\\n")
                sys.stderr.write(f"err {i}\\n")
            """);

    assertThat(result.exitCode()).isZero();
    assertSame(result.stdout(), numbered("out"));
    assertSame(result.stderr(), numbered("err"));
  }

  /** Tells the first difference and not a megabyte of text. */
  private static void assertSame(String actual, String expected) {
    char[] found = actual.toCharArray();
    int at = Arrays.mismatch(found, expected.toCharArray());
    assertThat(at)
        .as(() -> "differs at %d: %.200s".formatted(at, new String(found).substring(at)))
        .isEqualTo(-1);
  }

  private static String numbered(String word) {
    return IntStream.range(0, 100_000)
        .mapToObj(i -> word + " " + i + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void keepsTheOrderOfWhatSeveralProcessesWriteToOneStream() {
    Mayfly.Result result =
        mayfly.exec(
            "sh",
            "-c",
            "exec 2>&1; for i in $(seq 500); do echo \"shell $i\"; printf 'cat %s\\n' $i | cat >&2; done");

    assertThat(result.stdout())
        .isEqualTo(
            IntStream.rangeClosed(1, 500)
                .mapToObj(i -> "shell " + i + "\ncat " + i + "\n")
                .collect(Collectors.joining()));
  }
}
