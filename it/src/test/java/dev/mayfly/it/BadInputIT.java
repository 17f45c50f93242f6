package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can't work is refused in one line with its cause and remedy, before anything is started. */
final class BadInputIT {
  private final Path directory;
  private final Mayfly mayfly;

  BadInputIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private static void assertRefused(Mayfly.Result result, String cause, String remedy) {
    assertThat(result.stderr()).startsWith("mayfly").contains(cause, remedy);
    assertThat(result.stderr().lines()).hasSize(1);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(125);
  }

  private Mayfly configured(Path engine, Path state) throws IOException {
    Files.writeString(
        mayfly.config(),
        "engine: {type: private, socket: %s}\nstate-dir: %s\nreport-dir: %s\n"
            .formatted(engine, state, mayfly.reports()));
    return mayfly;
  }

  private Mayfly onEngine(Path socket) throws IOException {
    return configured(socket, directory.resolve("state"));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesAnEngineThatIsNotThere() throws IOException {
    Path socket = directory.resolve("none.sock");

    assertRefused(
        onEngine(socket).exec("true"),
        socket + ": No such file or directory",
        "is the engine running? mayfly check tells");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesASocketThatNobodyListensOn() throws IOException {
    Path socket = directory.resolve("dead.sock");
    listen(socket).close();

    assertThat(socket).exists();
    assertRefused(
        onEngine(socket).exec("true"),
        socket + ": Connection refused",
        "is the engine running? mayfly check tells");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesAnEngineThatNeverAnswers() throws IOException {
    Path socket = directory.resolve("mute.sock");

    try (ServerSocketChannel _ = listen(socket)) {
      assertRefused(
          onEngine(socket).exec("true"),
          socket + ": no answer within",
          "the engine hangs: see its log, and start it anew");
    }
  }

  private static ServerSocketChannel listen(Path socket) throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket));
  }

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @ValueSource(
      strings = {
        "cpus: 0",
        "cpus: -1",
        "cpus: 100000",
        "memory: 0B",
        "memory: -1GiB",
        "memory: 99999999999999999999GiB",
        "pids: 0",
        "pids: -1",
        "pids: 99999999999",
        "disk: 0B",
        "disk: -1GiB",
        "disk: 99999999TiB",
        "inodes: 0",
        "inodes: -1",
        "inodes: 99999999999999999999",
        "open-files: 0",
        "open-files: -1",
        "open-files: 99999999999",
        "lifetime: 0s",
        "lifetime: -1s",
        "lifetime: 99999999999999999999d"
      })
  void refusesLimitsThatAreZeroNegativeOrHuge(String limit) {
    Mayfly wrong =
        Mayfly.onPrivateEngine(
            directory, "policies: [{name: default, limits: {%s}}]\n".formatted(limit));

    Mayfly.Result result = wrong.exec("true");

    assertThat(result.exitCode()).isEqualTo(78);
    assertThat(result.stderr().lines()).hasSize(1);
    assertThat(result.stderr())
        .startsWith(wrong.config() + ":4:")
        .contains(limit.substring(0, limit.indexOf(':')));
    assertThat(directory.resolve("state")).doesNotExist();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void givesTheProcessorsThatThereAre() {
    Mayfly greedy =
        Mayfly.onPrivateEngine(directory, "policies: [{name: default, limits: {cpus: 4096}}]\n");

    assertThat(greedy.exec("true").exitCode()).isZero();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void givesAShellsCodesForWhatCannotBeExecuted() {
    Mayfly.Result missing = mayfly.exec("/no/such/command");
    Mayfly.Result text = mayfly.exec("/etc/passwd");
    Mayfly.Result empty = mayfly.exec("");

    assertThat(missing.exitCode()).isEqualTo(127);
    assertThat(missing.stderr()).contains("/no/such/command: not found in the sandbox; is it");
    assertThat(text.exitCode()).isEqualTo(126);
    assertThat(text.stderr()).contains("/etc/passwd: can't be executed in the sandbox: Permission");
    assertThat(empty.exitCode()).isEqualTo(127);
    assertThat(List.of(missing, text, empty))
        .allMatch(result -> result.stderr().lines().count() == 1);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesAReportDirectoryThatCannotBeWrittenBeforeAnythingStarts() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Path frozen = Files.createDirectory(directory.resolve("frozen"));

    assertRefused(
        mayfly.execWith(List.of("--report-dir", file.toString()), "true"),
        "reports can't be written to " + file,
        "name another directory with --report-dir");
    try (Immutable _ = Immutable.make(frozen)) {
      assertRefused(
          mayfly.execWith(List.of("--report-dir", frozen.toString()), "true"),
          "reports can't be written to " + frozen,
          "name another directory with --report-dir");
    }
    assertThat(directory.resolve("state")).doesNotExist();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesAStateDirectoryThatCannotBeUsed() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Path frozen = directory.resolve("frozen");
    Path sandboxes = Files.createDirectories(frozen.resolve("sandboxes"));

    for (Path state : List.of(file, file.resolve("below"))) {
      assertRefused(
          configured(Site.privateEngine(), state).exec("true"),
          "state-dir " + state + " can't be used (Not a directory)",
          "name another directory in the configuration");
    }
    try (Immutable _ = Immutable.make(sandboxes)) {
      assertRefused(
          configured(Site.privateEngine(), frozen).exec("true"),
          "state-dir " + frozen + " can't be used (Operation not permitted)",
          "name another directory in the configuration");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesAJobWhoseDiskTheHostHasNoRoomFor() throws IOException {
    Path full = directory.resolve("full");
    Path state = full.resolve("state");

    try (FullDisk _ = FullDisk.mount(full)) {
      assertRefused(
          configured(Site.privateEngine(), state).exec("true"),
          "No space left on device",
          "make room");
      assertThat(Leftovers.of(Site.privateEngine(), state)).isEmpty();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void saysThatTheReportFoundNoRoom() throws IOException {
    Path reports = directory.resolve("full");

    try (FullDisk _ = FullDisk.mount(reports)) {
      Mayfly.Result result =
          mayfly.execWith(List.of("--report-dir", reports.toString()), "echo", "ran");

      assertThat(result.stdout()).isEqualTo("ran\n");
      assertThat(result.exitCode()).isEqualTo(125);
      assertThat(result.stderr().lines()).hasSize(1);
      assertThat(result.stderr())
          .contains("report could not be written", "No space left on device", "make room");
    }
  }

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @CsvSource({
    "--workspace,/etc/passwd,is not a directory,name one that exists",
    "--workspace,/no/such/directory,is not a directory,name one that exists",
    "--keep-workspace,/etc/passwd,is not a directory,name one that exists",
    "--keep-workspace,/no/such/directory,can't be made,name a directory below one that exists",
    "-e,=value,has no name,write -e NAME=VALUE",
    "-e,'',has no name,write -e NAME=VALUE",
    "--image,Not An Image,is not an image name,'write name, name:tag'",
    "--policy,unheard-of,no policy is named,name one of them with --policy",
    "--no-such-option,value,Unknown option,see mayfly exec --help",
  })
  void refusesOptionsThatCannotBeMet(String option, String value, String cause, String remedy) {
    assertRefused(mayfly.execWith(List.of(option, value), "true"), cause, remedy);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesACommandLineWithoutACommand() {
    assertRefused(
        mayfly.run(
            InputStream.nullInputStream(),
            List.of("exec", "--config", mayfly.config().toString(), "--")),
        "Missing required parameter: 'COMMAND'",
        "see mayfly exec --help");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void leavesAVariableUnsetThatItsOwnEnvironmentLacks() {
    Mayfly.Result result =
        mayfly.execWith(
            List.of("-e", "MAYFLY_IT_UNSET"), "sh", "-c", "echo ${MAYFLY_IT_UNSET-unset}");

    assertThat(result.stdout()).isEqualTo("unset\n");
  }
}
