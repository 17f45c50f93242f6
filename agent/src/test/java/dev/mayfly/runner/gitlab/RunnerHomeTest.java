package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.Account;
import dev.mayfly.linux.SampleAccount;
import dev.mayfly.linux.UnixListener;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What it does for an account that is nobody else's; what it needs root for is in GitLabIT. */
final class RunnerHomeTest {
  private static final String GIVEN = "glrt-given_1.2";
  private static final String CHANGED = "glrt-changed";

  private static final Path HOOK = Path.of("/opt/mayfly/bin/mayfly-hook");

  private final Path tokenFile;
  private final Path run;
  private final Path state;
  private final RunnerHome home;

  RunnerHomeTest(@TempDir Path directory) throws IOException {
    tokenFile = directory.resolve("gl.token");
    run = directory.resolve("run/runners");
    state = directory.resolve("state");
    home =
        new RunnerHome(
            SampleRunner.runner(
                SampleRunner.gitlab(
                    "https://gitlab.example", tokenFile, Map.of(), Map.of(), List.of())),
            SampleAccount.own(),
            run,
            state);
    give(GIVEN + "\n", "rw-------");
  }

  private void give(String text, String permissions) throws IOException {
    Files.writeString(tokenFile, text);
    Files.setPosixFilePermissions(tokenFile, PosixFilePermissions.fromString(permissions));
  }

  private void change(String digested, String token) throws Exception {
    Files.createDirectories(home.kept());
    String digest =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(digested.getBytes(StandardCharsets.UTF_8)));
    Files.writeString(home.kept().resolve("token"), digest + "\n" + token + "\n");
  }

  @Test
  void hasItsPlacesByTheRunnersName() {
    assertThat(RunnerHome.RUN).isEqualTo(Path.of("/run/mayfly/runners"));
    assertThat(home.directory()).isEqualTo(run.resolve("gl-main"));
    assertThat(home.config()).isEqualTo(run.resolve("gl-main/config.toml"));
    assertThat(home.temporary()).isEqualTo(run.resolve("gl-main/tmp"));
    assertThat(home.socket()).isEqualTo(run.resolve("gl-main.sock"));
    assertThat(home.kept()).isEqualTo(state.resolve("runners/gl-main"));
    assertThat(home.output()).isEqualTo(state.resolve("runners/gl-main/output"));
  }

  @Test
  void letsTheAccountAskAndWhoeverTheSupervisorIs(@TempDir Path directory) throws IOException {
    RunnerHome its =
        new RunnerHome(
            SampleRunner.runner(SampleRunner.gitlab(Optional.empty())),
            Account.named(System.getProperty("user.name")).orElseThrow(),
            directory.resolve("run"),
            state);
    assertThat(its.users()).containsExactly(UnixListener.self());
  }

  @Test
  void readsTheTokenThatItIsGiven() throws IOException {
    assertThat(home.secrets()).containsExactly(GIVEN);
  }

  @Test
  void prefersTheTokenThatGitLabChangedItTo() throws Exception {
    change(GIVEN, CHANGED);
    assertThat(home.secrets()).containsExactlyInAnyOrder(GIVEN, CHANGED);
  }

  @Test
  void forgetsAChangedTokenOnceTheOperatorGivesAnotherOne() throws Exception {
    change("glrt-before", CHANGED);
    assertThat(home.secrets()).containsExactly(GIVEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "half"})
  void takesTheGivenTokenWhereWhatWasKeptIsDamaged(String text) throws IOException {
    Files.createDirectories(home.kept());
    Files.writeString(home.kept().resolve("token"), text);
    assertThat(home.secrets()).containsExactly(GIVEN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "short", "glrt-a b c d", "glrt-\"quoted\"", "glrt-a\nglrt-b", "token = \"x\""})
  void refusesWhatIsNoToken(String text) throws IOException {
    give(text, "rw-------");
    assertThatThrownBy(home::secrets)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "token-file "
                + tokenFile
                + " does not hold a runner's authentication token (glrt-…): copy it from GitLab's"
                + " page of the runner");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw------x"})
  void refusesATokenThatIsNotItsOwnersAlone(String permissions) throws IOException {
    give(GIVEN, permissions);
    assertThatThrownBy(home::secrets)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "token-file "
                + tokenFile
                + " can be read by others than its owner: chmod 600 "
                + tokenFile);
  }

  @Test
  void saysWhatIsWrongWithATokenFileThatItCannotRead() throws IOException {
    Files.delete(tokenFile);
    assertThatThrownBy(home::secrets)
        .isInstanceOf(IOException.class)
        .hasMessage("token-file " + tokenFile + " of runner gl-main does not exist");
    Files.createDirectory(tokenFile);
    assertThatThrownBy(home::secrets)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "token-file "
                + tokenFile
                + " of runner gl-main can't be read as text (Is a directory): name the file that"
                + " holds the token");
    Files.delete(tokenFile);
    Files.write(tokenFile, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(home::secrets)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("token-file " + tokenFile + " of runner gl-main can't be read");
  }

  /** Root reads a file that nobody may read; others are told. */
  @Test
  void readsOrRefusesATokenThatNobodyMayRead() throws IOException {
    give(GIVEN, "---------");
    if (Files.isReadable(tokenFile)) {
      assertThat(home.secrets()).containsExactly(GIVEN);
    } else {
      assertThatThrownBy(home::secrets)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("token-file " + tokenFile + " of runner gl-main can't be read");
    }
  }

  private void fill() throws IOException {
    home.prepare();
    home.fill(HOOK);
  }

  private void changeConfig(String text) throws IOException {
    Files.writeString(home.config(), text);
  }

  private Path systemId() {
    return home.directory().resolve(".runner_system_id");
  }

  @Test
  void fillsItsDirectoryAnew() throws IOException {
    fill();
    assertThat(home.config()).content().contains("token = \"" + GIVEN + "\"");
    assertThat(home.temporary()).isEmptyDirectory();
    assertThat(systemId()).doesNotExist();
    Files.writeString(home.temporary().resolve("left"), "text");

    home.fill(HOOK);
    assertThat(home.temporary()).isEmptyDirectory();
    assertThat(home.users()).contains(Files.getOwner(home.config()));
  }

  @Test
  void letsTheRunnerPassToProgramsAndSeeNothingElse() throws IOException {
    fill();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.kept())))
        .isEqualTo("rwx--x--x");
    changeConfig("token = \"" + CHANGED + "\"\n");
    home.keep();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(home.kept().resolve("token"))))
        .isEqualTo("rw-------");
  }

  @Test
  void opensWhatAnEarlierVersionKeptClosed() throws IOException {
    Files.createDirectories(
        home.kept(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    home.prepare();
    assertThat(Files.getPosixFilePermissions(home.kept()))
        .contains(PosixFilePermission.OTHERS_EXECUTE);
  }

  @Test
  void writesNothingWhereALinkInItsPlaceLeads() throws IOException {
    home.prepare();
    Path victim = Files.createDirectory(state.resolve("victim"));
    Files.writeString(victim.resolve("config.toml"), "untouched");
    Files.createSymbolicLink(home.directory(), victim);

    home.fill(HOOK);

    assertThat(home.directory()).isDirectory().isNotEqualTo(victim);
    assertThat(Files.isSymbolicLink(home.directory())).isFalse();
    assertThat(victim.resolve("config.toml")).hasContent("untouched");
  }

  @Test
  void keepsTheTokenAndTheIdThatGitlabRunnerWrote() throws IOException {
    fill();
    changeConfig("[[runners]]\n  token = \"" + CHANGED + "\"\n");
    Files.writeString(systemId(), "r_0aB9xYz12345\n");
    home.keep();

    assertThat(home.secrets()).containsExactlyInAnyOrder(GIVEN, CHANGED);
    home.fill(HOOK);
    assertThat(home.config()).content().contains("token = \"" + CHANGED + "\"");
    assertThat(systemId()).hasContent("r_0aB9xYz12345");
  }

  /** Who swaps it in would be given a copy of any file of the host's at the next start. */
  @ParameterizedTest
  @ValueSource(strings = {".runner_system_id", "config.toml"})
  void keepsNothingThatALinkLeadsTo(String name) throws IOException {
    fill();
    Path secret = Files.writeString(state.resolve("secret"), "r_0aB9xYz12345");
    Files.deleteIfExists(home.directory().resolve(name));
    Files.createSymbolicLink(home.directory().resolve(name), secret);

    assertThatThrownBy(home::keep)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(name + " is no file of user tester's own");
    home.fill(HOOK);
    assertThat(systemId()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {".runner_system_id", "config.toml"})
  void readsNoFileThatFillsTheMemory(String name) throws IOException {
    fill();
    try (RandomAccessFile file =
        new RandomAccessFile(home.directory().resolve(name).toFile(), "rw")) {
      file.setLength(1L << 33);
    }
    assertThatThrownBy(home::keep)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(name + " is larger than 65536 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "root:x:0:0", "r_0aB9xYz1234", "r_0aB9xYz123456", "x_0aB9xYz12345", "r_ü"})
  void keepsNoIdThatGitlabRunnerDoesNotMake(String text) throws IOException {
    fill();
    Files.writeString(systemId(), text);
    assertThatThrownBy(home::keep)
        .isInstanceOf(IOException.class)
        .hasMessage(
            systemId()
                + " is not as gitlab-runner writes it (r_ or s_, and twelve letters or digits), so"
                + " it is not kept: GitLab will see another runner manager");
    assertThat(home.kept().resolve("system-id")).doesNotExist();
  }

  @Test
  void givesTheRunnerNoIdThatWasKeptOfAnotherKind() throws IOException {
    home.prepare();
    Files.writeString(home.kept().resolve("system-id"), "root:$6$x:0:0\n");
    home.fill(HOOK);
    assertThat(systemId()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "token = \"x\"", "no toml"})
  void keepsTheGivenTokenWhereTheConfigurationHasNone(String text) throws IOException {
    fill();
    changeConfig(text);
    home.keep();
    changeConfig("token = \"" + "t".repeat(2000) + "\"");
    home.keep();
    assertThat(home.secrets()).containsExactly(GIVEN);
  }

  @Test
  void leavesNothingButWhatOutlastsARun() throws IOException {
    fill();
    home.keep();
    home.leave();
    assertThat(run).doesNotExist();
    assertThat(home.kept()).isDirectory();
    home.prepare();
    Files.createFile(run.resolve("another"));
    home.leave();
    assertThat(run).isDirectory();
  }
}
