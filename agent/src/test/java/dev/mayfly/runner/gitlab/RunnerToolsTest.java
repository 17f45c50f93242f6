package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.Account;
import dev.mayfly.runners.GitLabConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunnerToolsTest {
  /** What sha256sum says of "runner\n". */
  private static final String DIGEST =
      "sha256:ab49f3eb142e8e18c94fa79d2017f57b6141b1c4cdc042f1a0d0e3de5297090e";

  private final Path binary;
  private final Path ours;
  private final Path tools;

  RunnerToolsTest(@TempDir Path directory) throws IOException {
    binary = program(directory.resolve("gitlab-runner-19"), "runner\n");
    ours = Files.createDirectory(directory.resolve("ours"));
    tools = directory.resolve("state/tools");
    program(ours.resolve("mayfly-init"), "init");
    Files.writeString(ours.resolve("readme"), "text");
  }

  private static Path program(Path path, String text) throws IOException {
    Files.writeString(path, text);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private RunnerTools copy(Optional<String> digest) throws IOException {
    return RunnerTools.copy(new GitLabConfig.Program(binary, digest), ours, tools);
  }

  @Test
  void holdMayflysOwnAndTheRunner() throws IOException {
    RunnerTools copied = copy(Optional.empty());
    assertThat(copied.directory()).isEqualTo(tools);
    assertThat(copied.digest()).matches(GitLabConfig.Program.DIGEST_PATTERN);
    try (var files = Files.list(tools)) {
      assertThat(files.map(it -> it.getFileName().toString()))
          .containsExactlyInAnyOrder("gitlab-runner", "mayfly-init", "readme");
    }
    assertThat(tools.resolve("gitlab-runner")).hasContent("runner\n").isExecutable();
    assertThat(tools.resolve("mayfly-init")).hasContent("init").isExecutable();
    assertThat(Files.isExecutable(tools.resolve("readme"))).isFalse();
  }

  @Test
  void takeTheDigestThatTheyWereTold() throws IOException {
    assertThat(copy(Optional.of(DIGEST)).digest()).isEqualTo(DIGEST);
  }

  @Test
  void refuseARunnerOfAnotherDigestAndKeepNothingOfIt() throws IOException {
    copy(Optional.empty());
    program(binary, "evil\n");
    assertThatThrownBy(() -> copy(Optional.of(DIGEST)))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            binary
                + " has the digest sha256:[0-9a-f]{64}, not the one of gitlab.binary-digest: look"
                + " where it comes from, then correct the digest");
    assertThat(tools.resolve("gitlab-runner")).doesNotExist();
  }

  @Test
  void areReplacedWithoutChangingWhatARunningJobHas() throws IOException {
    copy(Optional.empty());
    try (var running = Files.newInputStream(tools.resolve("gitlab-runner"))) {
      program(binary, "newer!\n");
      copy(Optional.empty());
      assertThat(running.readAllBytes()).asString().isEqualTo("runner\n");
    }
    assertThat(tools.resolve("gitlab-runner")).hasContent("newer!\n");
  }

  @Test
  void overwriteWhatAnInterruptedCopyLeft() throws IOException {
    Files.createDirectories(tools);
    Files.writeString(tools.resolve(".gitlab-runner.new"), "half");
    copy(Optional.empty());
    assertThat(tools.resolve(".gitlab-runner.new")).doesNotExist();
    assertThat(tools.resolve("gitlab-runner")).hasContent("runner\n");
  }

  @Test
  void refuseWhatIsNoProgram() throws IOException {
    String message =
        binary + " is no program: install gitlab-runner, or say in gitlab.binary where it is";
    Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> copy(Optional.empty())).hasMessage(message);
    Files.delete(binary);
    assertThatThrownBy(() -> copy(Optional.empty())).hasMessage(message);
    Files.createDirectory(binary);
    assertThatThrownBy(() -> copy(Optional.empty())).hasMessage(message);
    assertThat(tools).doesNotExist();
  }

  /** Jobs that run would have it for a moment. */
  @Test
  void neverHaveARunnerOfAnotherDigestInPlace() throws IOException {
    Path place = copy(Optional.empty()).runner();
    Path running = Files.createLink(place.resolveSibling("running"), place);
    program(binary, "evil\n");
    assertThatThrownBy(() -> copy(Optional.of(DIGEST))).isInstanceOf(IOException.class);
    assertThat(place).doesNotExist();
    assertThat(running).hasContent("runner\n");
    assertThat(place.resolveSibling(".gitlab-runner.new")).doesNotExist();
  }

  @Test
  void letEverybodyRunTheCopyOfARunnerThatOnlyRootMay() throws IOException {
    Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwx------"));
    Path runner = copy(Optional.empty()).runner();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(runner)))
        .isEqualTo("rwxr-xr-x");
  }

  @Test
  void saysWhichDirectoryIsClosedOnTheWayToWhatIsStillToBeMade() throws IOException {
    Account nobody = new Account("ci", 65_000, 65_000);
    Path home = Path.of(String.valueOf(binary.getParent()));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    assertThat(RunnerTools.closedOnTheWay(home.resolve("state/runners/gl"), nobody))
        .contains(home.toRealPath());
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx-----x"));
    assertThat(RunnerTools.closedOnTheWay(home.resolve("state/runners/gl"), nobody)).isEmpty();
  }

  @Test
  void saysWhichDirectoryIsClosedToWhoIsToRunAProgram() throws IOException {
    Account nobody = new Account("ci", 65_000, 65_000);
    Path home = Path.of(String.valueOf(binary.getParent()));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));

    assertThatThrownBy(() -> RunnerTools.requireReachable(binary, nobody))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "%s can't be reached by user ci, to whom %s is closed: chmod o+x %s, or name another state-dir"
                .formatted(binary, home.toRealPath(), home.toRealPath()));

    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx-----x"));
    assertThatCode(() -> RunnerTools.requireReachable(binary, nobody)).doesNotThrowAnyException();
  }
}
