package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor on a host where all is well, and on hosts where something is missing. */
final class CheckIT {
  private final Path directory;

  CheckIT(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private static Mayfly.Result check(Mayfly mayfly, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("check", "--config", mayfly.config().toString()));
    arguments.addAll(List.of(options));
    return mayfly.run(InputStream.nullInputStream(), arguments);
  }

  @Test
  void runsATrialJobWhereAllIsWell() {
    Mayfly.Result result = check(Mayfly.onPrivateEngine(directory));

    assertThat(result.exitCode()).isZero();
    assertThat(result.stdout().lines())
        .noneMatch(line -> line.startsWith("missing"))
        .anyMatch(line -> line.matches("ok +user namespace +in force.*"))
        .anyMatch(line -> line.matches("ok +trial job +ran in .* and nothing of it is left"));
  }

  @Test
  void tellsTheSameAsJson() throws IOException {
    Mayfly.Result result = check(Mayfly.onPrivateEngine(directory), "--json", "--no-run");

    JsonNode findings = new ObjectMapper().readTree(result.stdout());
    assertThat(findings.path("jobsRefused").isBoolean()).isTrue();
    assertThat(findings.path("jobsRefused").booleanValue()).isFalse();
    assertThat(findings.path("checks"))
        .isNotEmpty()
        .allSatisfy(one -> assertThat(one.path("level").textValue()).isIn("ok", "weak", "missing"))
        .noneMatch(one -> one.path("subject").textValue().equals("trial job"));
  }

  @Test
  void saysThatJobsWouldBeRefusedWithoutAnEngineAndHowToStartIt() throws IOException {
    Mayfly mayfly = Mayfly.onPrivateEngine(directory);
    Files.writeString(
        mayfly.config(),
        Files.readString(mayfly.config())
            .replace(Site.privateEngine().toString(), directory.resolve("none.sock").toString()));

    Mayfly.Result result = check(mayfly);

    assertThat(result.exitCode()).isOne();
    assertThat(result.stdout()).containsPattern("missing +engine ");
    assertThat(result.stdout()).containsPattern("fix: .*mayfly-engine up");
    assertThat(result.stdout()).containsPattern("missing +trial job +not run");
  }

  @Test
  void saysThatJobsWouldBeRefusedWithoutTheirImage() {
    Mayfly.Result result =
        check(
            Mayfly.onPrivateEngine(
                directory,
                "policies: [{name: default}, {name: other, image: 'no-such:1', pull: never}]\n"));

    assertThat(result.exitCode()).isOne();
    assertThat(result.stdout()).containsPattern("ok +image of default");
    assertThat(result.stdout()).containsPattern("missing +image of other +no-such:1 is not in");
  }

  @Test
  void saysThatTheReportDirectoryCannotBeWritten() throws IOException {
    Mayfly mayfly = Mayfly.onPrivateEngine(directory);
    Files.writeString(directory.resolve("reports"), "a file where the directory should be");

    Mayfly.Result result = check(mayfly, "--no-run");

    assertThat(result.exitCode()).isOne();
    assertThat(result.stdout()).containsPattern("missing +report-dir");
  }

  @Test
  void tellsWhatIsWrongWithTheConfigurationInsteadOfGuessing() {
    Mayfly.Result result = check(Mayfly.onPrivateEngine(directory, "polices: []\n"));

    assertThat(result.exitCode()).isEqualTo(78);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr()).contains("did you mean \"policies\"?");
  }
}
