package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.NoCgroups;
import dev.mayfly.linux.SampleAccount;
import dev.mayfly.linux.UnixListener;
import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.RunnerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts that fail: none of them comes to where root is needed. */
final class GitLabFrontTest {
  private final Path directory;
  private final Path runners;
  private final List<String> log = new ArrayList<>();

  GitLabFrontTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.runners = directory.resolve("run/runners");
    Files.createDirectory(directory.resolve("tools"));
    for (String program : List.of("gitlab-runner", "mayfly-hook", "tools/mayfly-init")) {
      Files.writeString(directory.resolve(program), program);
      Files.setPosixFilePermissions(
          directory.resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    token("glrt-given_1.2");
  }

  private void token(String text) throws IOException {
    Files.writeString(directory.resolve("token"), text);
    Files.setPosixFilePermissions(
        directory.resolve("token"), PosixFilePermissions.fromString("rw-------"));
  }

  private void start() throws IOException {
    GitLabConfig gitlab =
        new GitLabConfig(
            URI.create("https://gitlab.example"),
            directory.resolve("token"),
            Optional.empty(),
            new GitLabConfig.Program(directory.resolve("gitlab-runner"), Optional.empty()),
            Optional.empty(),
            List.of(),
            GitLabConfig.Times.DEFAULT,
            Map.of(),
            Map.of());
    GitLabFront.Host host =
        new GitLabFront.Host(
            directory.resolve("state"),
            directory.resolve("run"),
            directory.resolve("mayfly-hook"),
            directory.resolve("tools"),
            NoCgroups.make(),
            "0.1.0",
            log::add);
    try (GitLabFront _ =
        GitLabFront.start(
            new RunnerConfig("gl-main", gitlab, 1, 1, Optional.empty()),
            SampleAccount.own(),
            host,
            new NoJobs())) {
      throw new AssertionError("it was started");
    }
  }

  @Test
  void leavesNothingWhereTheToolsAreMissing() throws IOException {
    Files.delete(directory.resolve("tools/mayfly-init"));
    Files.delete(directory.resolve("tools"));
    assertThatThrownBy(this::start).isInstanceOf(IOException.class);
    assertThat(runners).doesNotExist();
    assertThat(log).isEmpty();
  }

  @Test
  void leavesNothingWhereThereIsNoToken() throws IOException {
    token("none");
    assertThatThrownBy(this::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not hold a runner's authentication token");
    assertThat(runners).doesNotExist();
  }

  @Test
  void leavesNothingWhereTheHookIsMissing() throws IOException {
    Files.delete(directory.resolve("mayfly-hook"));
    assertThatThrownBy(this::start).isInstanceOf(IOException.class);
    assertThat(runners).doesNotExist();
  }

  @Test
  void leavesWhatOtherRunnersHave() throws IOException {
    token("none");
    Files.createDirectories(runners.resolve("gl-other"));
    assertThatThrownBy(this::start).isInstanceOf(IOException.class);
    assertThat(runners).isDirectoryNotContaining(path -> !path.endsWith("gl-other"));
  }

  @Test
  void touchesNothingOfALiveSupervisorsRunner() throws IOException {
    Path config = runners.resolve("gl-main/config.toml");
    Files.createDirectories(config.getParent());
    Files.writeString(config, "token = \"its\"");
    try (UnixListener _ =
        UnixListener.open(runners.resolve("gl-main.sock"), new UnixListener.Access.OwnerOnly())) {
      assertThatThrownBy(this::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("a supervisor that listens on ");
    }
    assertThat(config).hasContent("token = \"its\"");
  }

  @ParameterizedTest
  @CsvSource({"1, 46", "10, 55", "300, 345"})
  void waitsLongerForTheEndOfARunnerThanThatMayTake(int stopGrace, int seconds) {
    GitLabConfig.Times times =
        new GitLabConfig.Times(Duration.ofSeconds(stopGrace), Duration.ofMinutes(1));

    assertThat(GitLabFront.stopLimit(times))
        .isEqualTo(Duration.ofSeconds(seconds))
        .isGreaterThan(RunnerToml.shutdownLimit(times));
  }
}
