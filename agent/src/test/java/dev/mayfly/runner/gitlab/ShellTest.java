package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The probes, tried with the shells of this host. */
final class ShellTest {
  private static Optional<String> path(String program) {
    return Stream.of("/bin", "/usr/bin", "/usr/local/bin")
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  private static boolean succeeds(Shell shell, String... program)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(shell.probe().subList(1, shell.probe().size()));
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  @Test
  void beginTheirProbesWithWhatTheyRun() {
    for (Shell shell : Shell.values()) {
      assertThat(shell.probe()).startsWith(shell.program(), "-c");
    }
    assertThat(Shell.values()).containsExactly(Shell.BASH, Shell.SH, Shell.POSIX_SH);
  }

  @Test
  void findBash() throws Exception {
    String bash = path("bash").orElse("");
    assertThat(bash).as("bash: install it").isNotEmpty();
    assertThat(succeeds(Shell.BASH, bash)).isTrue();
    assertThat(succeeds(Shell.SH, bash)).isTrue();
  }

  @Test
  void takeDashForAShellThatOnlyReadsPosixScripts() throws Exception {
    String dash = path("dash").orElse("");
    assertThat(dash).as("dash: install it").isNotEmpty();
    assertThat(succeeds(Shell.SH, dash)).isFalse();
    assertThat(succeeds(Shell.POSIX_SH, dash)).isTrue();
  }

  @Test
  void takeBusyboxForAShellThatReadsScriptsAsBashDoes() throws Exception {
    String busybox = path("busybox").orElse("");
    assertThat(busybox).as("busybox: install it").isNotEmpty();
    assertThat(succeeds(Shell.SH, busybox, "sh")).isTrue();
  }
}
