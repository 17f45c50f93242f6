package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.Account;
import dev.mayfly.linux.UnixListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** What needs neither root nor the directory of the host that runners live in. */
final class RunnerHomeTest {
  private static final String GIVEN = "glrt-given_1.2";
  private static final String CHANGED = "glrt-changed";

  private final Path tokenFile;
  private final Path state;
  private final RunnerHome home;

  RunnerHomeTest(@TempDir Path directory) throws IOException {
    tokenFile = directory.resolve("gl.token");
    state = directory.resolve("state");
    home =
        new RunnerHome(
            SampleRunner.runner(
                SampleRunner.gitlab(
                    "https://gitlab.example", tokenFile, Map.of(), Map.of(), List.of())),
            Account.without("tests"),
            state,
            Path.of("/run/mayfly"));
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
    assertThat(home.directory()).isEqualTo(Path.of("/run/mayfly/runners/gl-main"));
    assertThat(home.config()).isEqualTo(Path.of("/run/mayfly/runners/gl-main/config.toml"));
    assertThat(home.temporary()).isEqualTo(Path.of("/run/mayfly/runners/gl-main/tmp"));
    assertThat(home.socket()).isEqualTo(Path.of("/run/mayfly/runners/gl-main.sock"));
    assertThat(home.kept()).isEqualTo(state.resolve("runners/gl-main"));
  }

  @Test
  void letsTheAccountAskAndWhoeverTheSupervisorIs(@TempDir Path directory) throws IOException {
    RunnerHome its =
        new RunnerHome(
            SampleRunner.runner(SampleRunner.gitlab(Optional.empty())),
            Account.named(System.getProperty("user.name")).orElseThrow(),
            state,
            directory.resolve("run"));
    its.prepare();
    assertThat(its.users()).containsExactly(UnixListener.self());
    assertThat(its.kept()).isEmptyDirectory();
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
}
