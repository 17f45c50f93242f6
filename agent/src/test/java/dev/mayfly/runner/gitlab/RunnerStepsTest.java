package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.SampleAccount;
import dev.mayfly.runners.GitLabConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunnerStepsTest {
  private static final Path HOOK = Path.of("/opt/mayfly/bin/mayfly-hook");

  private final Path binary;
  private final RunnerHome home;
  private final List<String> log = new ArrayList<>();
  private final Path ours;
  private Optional<String> digest = Optional.empty();

  RunnerStepsTest(@TempDir Path directory) throws IOException {
    binary = install(directory.resolve("gitlab-runner"), "one");
    ours = Files.createDirectory(directory.resolve("ours"));
    Path token = Files.writeString(directory.resolve("token"), "glrt-given_1.2\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    home =
        new RunnerHome(
            SampleRunner.runner(
                SampleRunner.gitlab(
                    "https://gitlab.example", token, Map.of(), Map.of(), List.of())),
            SampleAccount.own(),
            directory.resolve("run/runners"),
            directory.resolve("state"));
    home.prepare();
  }

  private static Path install(Path path, String text) throws IOException {
    Files.writeString(path, text);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private RunnerTools copy() throws IOException {
    return RunnerTools.copy(
        new GitLabConfig.Program(binary, digest), ours, home.kept().resolve("tools"));
  }

  private RunnerSteps steps() throws IOException {
    GitLabHooks hooks =
        new GitLabHooks(
            new GitLabHooks.Settings(
                "gl-main",
                SampleRunner.gitlab("https://gitlab.example", Map.of()),
                1,
                home.kept().resolve("tools"),
                "0.1.0",
                log::add),
            new NoJobs());
    return new RunnerSteps(
        home, new RunnerSteps.Programs(this::copy, HOOK, copy().digest()), hooks, log::add);
  }

  @Test
  void haveTheHostRunWhatSandboxesSee() throws IOException {
    RunnerSteps steps = steps();
    assertThat(steps.beforeStart()).containsExactly("glrt-given_1.2");
    assertThat(copy().runner()).hasContent("one");
    assertThat(log).isEmpty();

    install(binary, "two");
    var _ = steps.beforeStart();
    assertThat(home.kept().resolve("tools/gitlab-runner")).hasContent("two");
    assertThat(log)
        .singleElement()
        .asString()
        .matches("gitlab-runner is another one now, sha256:[0-9a-f]{64}, for jobs, too");
  }

  @Test
  void startNoneOfAnotherDigestThanItWasToldAlsoLater() throws IOException {
    RunnerSteps steps = steps();
    digest = Optional.of(copy().digest());
    var _ = steps.beforeStart();
    steps.afterEnd(true);
    install(binary, "evil");

    assertThatThrownBy(steps::beforeStart)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not the one of gitlab.binary-digest");
    assertThat(home.kept().resolve("tools/gitlab-runner")).doesNotExist();
    assertThat(home.directory()).doesNotExist();
  }

  @Test
  void touchNothingWhileSomethingOfTheRunnersRuns() throws IOException {
    RunnerSteps steps = steps();
    var _ = steps.beforeStart();
    Files.createSymbolicLink(home.directory().resolve(".runner_system_id"), binary);

    steps.afterEnd(false);

    assertThat(home.config()).exists();
    assertThatThrownBy(() -> steps.afterEnd(true)).hasMessageContaining("is no file of user");
    assertThat(home.directory()).doesNotExist();
  }
}
