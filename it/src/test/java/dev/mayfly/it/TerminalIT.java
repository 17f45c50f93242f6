package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code mayfly exec} in a terminal feels like the command itself in it. */
@ExtendWith(EgressWorld.Shared.class)
final class TerminalIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SIGTERM = 15;

  private final Path directory;
  private final Mayfly mayfly;

  TerminalIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  /**
   * What came of a run in a terminal.
   *
   * @param restored whether the terminal's modes are what they were
   */
  record Session(String output, int code, boolean restored) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  /** Does what terminal/drive.py tells of. */
  static Session inTerminal(List<List<Object>> steps, List<String> command)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add("python3");
    line.add(
        Path.of(
                Objects.requireNonNull(TerminalIT.class.getResource("/terminal/drive.py"))
                    .getPath())
            .toString());
    line.add(JSON.writeValueAsString(steps));
    line.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("TERM", "vt100-test");
    Process process = builder.start();
    CompletableFuture<byte[]> stderr = Mayfly.collect(process.getErrorStream());
    byte[] stdout = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).as(new String(stderr.join(), StandardCharsets.UTF_8)).isZero();
    return JSON.readValue(stdout, Session.class);
  }

  private Session run(List<List<Object>> steps, String... command)
      throws IOException, InterruptedException {
    return inTerminal(steps, line(mayfly, command));
  }

  static List<String> line(Mayfly used, String... command) {
    List<String> line = new ArrayList<>();
    line.add(Site.launcher().toString());
    line.addAll(used.execLine(List.of(), command));
    return line;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void givesTheCommandATerminalOfTheSameSizeAndType() throws IOException, InterruptedException {
    Session session =
        run(
            List.of(),
            "sh",
            "-c",
            "test -t 0 && test -t 1 && test -t 2 && tty; stty size; echo $TERM; exit 5");

    assertThat(session.lines()).hasSize(3);
    assertThat(session.lines().getFirst()).startsWith("/dev/");
    assertThat(session.lines().subList(1, 3)).containsExactly("33 99", "vt100-test");
    assertThat(session.code()).isEqualTo(5);
    assertThat(session.restored()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void givesPipesWhereOutputIsNotATerminal() throws IOException, InterruptedException {
    List<String> piped = new ArrayList<>(List.of("sh", "-c", "\"$@\" | cat", "sh"));
    piped.addAll(line(mayfly, "sh", "-c", "test -t 0 || test -t 1 || echo pipes"));

    Session session = inTerminal(List.of(), piped);

    assertThat(session.lines()).containsExactly("pipes");
    assertThat(session.restored()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsTheCommandOfANewSize() throws IOException, InterruptedException {
    Session session =
        run(
            List.of(
                List.of("expect", "ready"),
                List.of("resize", 50, 120),
                List.of("expect", "50 120")),
            "bash",
            "-c",
            "trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 1000 & wait; done");

    assertThat(session.code()).isEqualTo(3);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void passesControlKeysToTheCommandAndIsNotInterruptedItself()
      throws IOException, InterruptedException {
    Session session =
        run(
            List.of(
                List.of("expect", "ready"),
                List.of("raw"),
                List.of("type", "\u0003"),
                List.of("expect", "caught")),
            "sh",
            "-c",
            "trap 'echo caught; exit 4' INT; echo ready; sleep 1000");

    assertThat(session.output()).contains("^C");
    assertThat(session.code()).isEqualTo(4);
    assertThat(session.restored()).isTrue();
    assertThat(mayfly.lastReport().outcome().kind()).isEqualTo("exited");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void letsTheUserTypeAndEndTheInput() throws IOException, InterruptedException {
    Session session =
        run(
            List.of(
                List.of("expect", "ready"),
                List.of("type", "h\u00e9llo\r"),
                List.of("expect", "read: h\u00e9llo"),
                List.of("type", "\u0004")),
            "sh",
            "-c",
            "echo ready; while read -r line; do echo \"read: $line\"; done; echo ended");

    assertThat(session.lines()).containsExactly("ready", "h\u00e9llo", "read: h\u00e9llo", "ended");
    assertThat(session.code()).isZero();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void restoresTheTerminalOfAJobThatIsEndedOrRefused() throws IOException, InterruptedException {
    Session ended =
        run(
            List.of(
                List.of("expect", "ready"),
                List.of("raw"),
                List.of("signal", SIGTERM),
                List.of("expect", "caught"),
                List.of("signal", SIGTERM)),
            "sh",
            "-c",
            "trap 'echo caught' TERM; echo ready; while :; do sleep 1000 & wait; done");
    Session refused = run(List.of(), "no-such-command");

    assertThat(ended.code()).isEqualTo(128 + SIGTERM);
    assertThat(ended.restored()).isTrue();
    assertThat(ended.output()).endsWith("\r\n\rmayfly: cancelled: ended by signal 15\r\n");
    assertThat(refused.output())
        .startsWith("\rmayfly: no-such-command: not found")
        .endsWith("\r\n");
    assertThat(refused.code()).isEqualTo(127);
    assertThat(refused.restored()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void endsTheCommandWhoseTerminalIsClosed() throws IOException, InterruptedException {
    Session session =
        run(List.of(List.of("expect", "ready"), List.of("hang up")), "sh", "-c", "echo ready; cat");

    assertThat(session.code()).isNotZero();
    assertThat(mayfly.lastReport().teardown().verified()).isTrue();
  }

  /** A job that is refused a connection by the kernel of this machine, in a terminal. */
  private Session refused(EgressWorld world, String... environment)
      throws IOException, InterruptedException {
    Mayfly strict =
        Mayfly.onPrivateEngine(
            directory,
            EgressWorld.NETWORK + "policies: [{name: default, egress: {mode: allowlist}}]\n");
    String connect =
        "import errno, socket; print(errno.errorcode[socket.socket().connect_ex(('%s', %d))])"
            .formatted(EgressWorld.ATTACKER, EgressWorld.SINK_PORT);
    double began = System.currentTimeMillis() / 1000.0;
    List<String> command = new ArrayList<>(List.of("env", "-u", "NO_COLOR"));
    command.addAll(List.of(environment));
    command.addAll(line(strict, "python3", "-c", connect));

    Session session = inTerminal(List.of(), command);

    assertThat(session.lines()).contains("ECONNREFUSED");
    assertThat(session.code()).isZero();
    assertThat(session.restored()).isTrue();
    assertThat(world.received(EgressWorld.ATTACKER))
        .noneMatch(packet -> packet.port() == EgressWorld.SINK_PORT && packet.time() >= began);
    return session;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void showsWhatTheJobWasRefusedInYellow(EgressWorld world)
      throws IOException, InterruptedException {
    assertThat(refused(world).output())
        .containsPattern(
            "\rmayfly: \u001b\\[33mrefused tcp 203\\.0\\.113\\.66:4444[^\r\n\u001b]*\u001b\\[0m\r\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void showsWhatTheJobWasRefusedInNoColourWhereNobodyWantsColours(EgressWorld world)
      throws IOException, InterruptedException {
    assertThat(refused(world, "NO_COLOR=1").output())
        .containsPattern("mayfly: refused tcp 203\\.0\\.113\\.66:4444[^\r\n]*\r\n")
        .doesNotContain("\u001b");
  }

  private static final String USES_STREAMS_BY_PATH =
      """
      id -u
      echo out >/dev/stdout
      echo err >/dev/stderr
      echo fd >/proc/self/fd/1
      """;

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @ValueSource(strings = {"root", "user"})
  void opensItsStreamsByPath(String identity) throws IOException, InterruptedException {
    Mayfly used =
        Mayfly.onPrivateEngine(
            directory, "policies: [{name: default, identity: %s}]\n".formatted(identity));
    String uid = identity.equals("root") ? "0" : "1001";

    Mayfly.Result pipes = used.exec("sh", "-ec", USES_STREAMS_BY_PATH);
    Session terminal =
        inTerminal(List.of(), line(used, "sh", "-ec", USES_STREAMS_BY_PATH + "echo tty >/dev/tty"));

    assertThat(pipes.stdout().lines()).as(pipes.stderr()).containsExactly(uid, "out", "fd");
    assertThat(pipes.stderr()).isEqualTo("err\n");
    assertThat(pipes.exitCode()).isZero();
    assertThat(terminal.lines()).containsExactly(uid, "out", "err", "fd", "tty");
    assertThat(terminal.code()).isZero();
  }
}
