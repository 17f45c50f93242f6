package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes in and out of a command, whatever it is and whoever is at the other end. */
final class StreamsIT {
  private static final long GIB = 1L << 30;

  /** Prints its arguments and variables as hexadecimal numbers. */
  private static final String SHOW_BYTES =
      """
      import os, sys
      for argument in sys.argv[1:]: print(os.fsencode(argument).hex(" "))
      for name in "NEWLINE", "ACCENT", "BYTES", "OWN": print(os.environb[name.encode()].hex(" "))
      """;

  private final Path directory;
  private final Mayfly mayfly;

  StreamsIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  /** A shell that gets mayfly's command line, from the program on, as its arguments. */
  private RunningExec shell(String script, String... command) throws IOException {
    List<String> line =
        new ArrayList<>(List.of("bash", "-c", script, "bash", Site.launcher().toString()));
    line.addAll(mayfly.execLine(List.of(), command));
    return new RunningExec(new ProcessBuilder(line).start());
  }

  private Mayfly.Result runShell(String script, String... command)
      throws IOException, InterruptedException {
    try (RunningExec exec = shell(script, command)) {
      exec.endInput();
      return exec.await();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void passesOutputThroughThatIsNoText() throws IOException, InterruptedException {
    Process process =
        mayfly.start(
            mayfly.execLine(
                List.of(),
                "python3",
                "-c",
                """
                import sys
                sys.stdout.buffer.write(bytes(range(256)))
                sys.stderr.buffer.write(bytes(reversed(range(256))))
                """));
    process.getOutputStream().close();

    byte[] all = new byte[256];
    byte[] reversed = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
      reversed[255 - i] = (byte) i;
    }
    assertThat(process.getInputStream().readAllBytes()).isEqualTo(all);
    assertThat(process.getErrorStream().readAllBytes()).isEqualTo(reversed);
    assertThat(process.waitFor()).isZero();
  }

  /** In an environment without a locale, as services have it. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void passesArgumentsAndVariablesOnByteForByte() throws IOException, InterruptedException {
    Mayfly.Result result =
        runShell(
            """
            launcher=$1 config=$4 script=$8
            exec env -i "PATH=$PATH" "OWN=$(printf '\\375=')" "$launcher" exec --config "$config" \\
              -e NEWLINE=$'a\\nb' -e "ACCENT=$(printf '\\303\\251')" -e "BYTES=$(printf '\\377\\303(')" \\
              -e OWN -- python3 -c "$script" "$(printf '\\376\\377')" "$(printf '\\303\\251')" '' @x $'\\n'
            """,
            "python3",
            "-c",
            SHOW_BYTES);

    assertThat(result.stderr()).isEmpty();
    assertThat(result.stdout().lines())
        .containsExactly(
            "fe ff", "c3 a9", "", "40 78", "0a", "61 0a 62", "c3 a9", "ff c3 28", "fd 3d");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void passesAMegabyteOfArgumentsOn() {
    List<String> command =
        new ArrayList<>(
            List.of("python3", "-c", "import sys; print(len(sys.argv), sum(map(len, sys.argv)))"));
    command.addAll(Collections.nCopies(10, "x".repeat(100_000)));
    command.addAll(Collections.nCopies(1000, "y".repeat(100)));

    Mayfly.Result result = mayfly.exec(command.toArray(String[]::new));

    assertThat(result.stdout()).isEqualTo("1011 1100002\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesMoreArgumentsThanASandboxTakesInOneLine() throws IOException, InterruptedException {
    Mayfly.Result result =
        runShell(
            """
            ulimit -s 65536
            huge=$(printf '%0100000d' 0)
            exec "$@" $(for i in $(seq 43); do printf '%s ' "$huge"; done)
            """,
            "true");

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stderr().lines()).hasSize(1);
    assertThat(result.stderr())
        .contains("at most 4194304 can be executed; pass large values in files of the workspace");
  }

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @CsvSource({"yes,141", "trap '' PIPE; while echo y; do :; done; exit 9,9"})
  void endsACommandWhoseReaderIsGone(String script, int code)
      throws IOException, InterruptedException {
    Mayfly.Result result =
        runShell(
            "\"$@\" | head -1; echo ${PIPESTATUS[0]}", "sh", "-c", "exec 2>/dev/null; " + script);

    assertThat(result.stdout()).isEqualTo("y\n" + code + "\n");
    assertThat(result.stderr()).isEmpty();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsOfOutputThatCouldNotBeWritten() throws IOException, InterruptedException {
    Mayfly.Result result = runShell("\"$@\" >/dev/full", "sh", "-c", "echo lost; echo y >&2");

    assertThat(result.stderr()).isEqualTo("y\nmayfly: output was lost: No space left on device\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void runsWithClosedStreams() throws IOException, InterruptedException {
    String script = "cat; echo out; echo err >&2; exit 7";

    Mayfly.Result noInput = runShell("\"$@\" <&-; echo $?", "sh", "-c", script);
    Mayfly.Result noOutput = runShell("\"$@\" >&-; echo $?", "sh", "-c", script);
    Mayfly.Result noErrors = runShell("\"$@\" 2>&-; echo $?", "sh", "-c", script);
    Mayfly.Result nothing = runShell("\"$@\" <&- >&- 2>&-; echo $?", "sh", "-c", script);

    assertThat(List.of(noInput.stdout(), noInput.stderr())).containsExactly("out\n7\n", "err\n");
    assertThat(List.of(noOutput.stdout(), noOutput.stderr())).containsExactly("7\n", "err\n");
    assertThat(List.of(noErrors.stdout(), noErrors.stderr())).containsExactly("out\n7\n", "");
    assertThat(List.of(nothing.stdout(), nothing.stderr())).containsExactly("7\n", "");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void passesGigabytesOnWithoutKeepingThem() throws IOException, InterruptedException {
    long size = (Site.fullSize() ? 10 : 1) * GIB;
    Process process =
        mayfly.start(
            mayfly.execLine(
                List.of(), "sh", "-c", "head -c \"$1\" /dev/zero; read _", "sh", "" + size));

    assertThat(countZeros(process.getInputStream(), size)).isEqualTo(size);
    String peak = Processes.status(process.pid()).getOrDefault("VmHWM", "unknown");
    System.out.printf(
        Locale.ROOT, "%npeak memory of mayfly exec after %d GiB: %s%n", size / GIB, peak);
    process.getOutputStream().close();

    assertThat(process.getInputStream().readAllBytes()).isEmpty();
    assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEmpty();
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(Long.parseLong(peak.replaceFirst(" kB$", ""))).isLessThan(256 << 10);
  }

  /** Reads until there were so many bytes, or something else than a zero, or the end. */
  private static long countZeros(InputStream stream, long enough) throws IOException {
    byte[] zeros = new byte[1 << 20];
    byte[] buffer = new byte[1 << 20];
    long count = 0;
    while (count < enough) {
      int n = stream.read(buffer);
      if (n < 0 || Arrays.mismatch(buffer, 0, n, zeros, 0, n) >= 0) {
        return count;
      }
      count += n;
    }
    return count;
  }
}
