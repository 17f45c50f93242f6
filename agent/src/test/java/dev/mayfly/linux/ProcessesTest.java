package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.Processes.Namespace;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessesTest {
  private static final int SIGQUIT = 3;
  private static final int SIGSTOP = 19;
  private static final long SELF = ProcessHandle.current().pid();
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /**
   * A process that names itself so.
   *
   * @param name as the shell's printf takes it
   */
  private static Process named(Path directory, String name) throws IOException {
    return new ProcessBuilder(
            "sh",
            "-ec",
            "name=$(printf '" + name + "'); cp \"$(command -v cat)\" \"$name\"; exec \"./$name\"")
        .directory(directory.toFile())
        .start();
  }

  private static Map<String, String> statusOnceNamed(Process process) throws IOException {
    Instant limit = Instant.now().plus(LIMIT);
    while (true) {
      Map<String, String> status = Processes.status(process.pid());
      if (!String.valueOf(status.get("Name")).matches("sh|cp|java")) {
        return status;
      }
      assertThat(Instant.now()).as("process never got its name: %s", status).isBefore(limit);
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain                    | plain",
        "a) R (b                  | a) R (b",
        "a: b:                    | a: b:",
        "a\\nState:\\tZ           | a\\nState:\tZ",
        "\\377\\376               | \uFFFD\uFFFD"
      })
  void readsTheStatusOfAProcessWhateverItNamesItself(
      String name, String told, @TempDir Path directory) throws Exception {
    Process process = named(directory, name);
    try {
      Map<String, String> status = statusOnceNamed(process);

      assertThat(status)
          .containsEntry("Name", told)
          .containsEntry("Pid", Long.toString(process.pid()))
          .containsKeys("State", "Uid", "NSpid", "Seccomp");
      assertThat(status.get("State")).doesNotStartWith("Z");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void takesNoFieldFromAName(@TempDir Path directory) throws Exception {
    Process process = named(directory, "x\\rForged:\\t1");
    try {
      assertThat(statusOnceNamed(process))
          .doesNotContainKey("Forged")
          .containsEntry("Name", "x\rForged:\t1");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void saysThatThereIsNoSuchProcess() throws Exception {
    long ended = ended();

    assertThatThrownBy(() -> Processes.status(ended)).isInstanceOf(NoSuchFileException.class);
    assertThat(Processes.signal(ended, 0)).isFalse();
    assertThat(Processes.signal(SELF, 0)).isTrue();
  }

  private static long ended() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return process.pid();
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "-4000000"})
  void signalsNoGroupsOfProcesses(long pid) {
    assertThatThrownBy(() -> Processes.signal(pid, 0))
        .isInstanceOf(SyscallException.class)
        .hasMessage("kill " + pid + ": Invalid argument (errno 22)");
  }

  @Test
  void endsAProcess() throws Exception {
    Process process = new ProcessBuilder("cat").start();

    assertThat(Processes.signal(process.pid(), 9)).isTrue();

    assertThat(process.waitFor()).isEqualTo(128 + 9);
  }

  @Test
  void tellsOfASignalThatWaitsForAStoppedProcess() throws Exception {
    Process process = new ProcessBuilder("cat").start();
    try {
      Processes.signal(process.pid(), SIGSTOP);
      while (!Processes.status(process.pid()).getOrDefault("State", "").startsWith("T")) {
        Thread.onSpinWait();
      }
      assertThat(Processes.isSignalPending(process.pid(), SIGQUIT)).isFalse();

      Processes.signal(process.pid(), SIGQUIT);

      assertThat(Processes.isSignalPending(process.pid(), SIGQUIT)).isTrue();
      assertThat(Processes.isSignalPending(process.pid(), SIGQUIT + 1)).isFalse();
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(Processes.isSignalPending(process.pid(), SIGQUIT)).isFalse();
  }

  @Test
  void findsTheProcessesOfANamespaceWhileTheyLive() throws Exception {
    Namespace own = Processes.namespace(SELF, "net");
    Process process = new ProcessBuilder("cat").start();

    assertThat(Processes.namespace(process.pid(), "net")).isEqualTo(own);
    assertThat(Processes.in(own)).contains(SELF, process.pid());

    process.destroyForcibly().waitFor();
    assertThat(Processes.in(own)).contains(SELF).doesNotContain(process.pid());
    assertThat(Processes.in(new Namespace("net", 1))).isEmpty();
  }

  @Test
  void readsWhatTheNetworkNamespaceHas() throws IOException {
    assertThat(Processes.networkDevices(SELF)).contains("lo").doesNotContain("face", "");
  }
}
