package dev.mayfly.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mayfly.config.ConfigParser;
import dev.mayfly.config.MayflyConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunnersDoctorTest {
  @TempDir Path directory;

  private String permissions = "rwx--x--x";

  private List<Diagnosis> examined(Path token, String binary) throws Exception {
    return examined(token, binary, "");
  }

  private List<Diagnosis> examined(Path token, String binary, String more) throws Exception {
    Path file = directory.resolve("mayfly.yaml");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
    Files.writeString(
        file,
        """
        state-dir: %s
        runners:
          - name: gl
            gitlab: {url: "https://gitlab.example.org", token-file: "%s", binary: "%s"}
        """
                .formatted(directory.resolve("state"), token, binary)
            + more);
    MayflyConfig config = ConfigParser.parse(file);
    return new RunnersDoctor(config, () -> Path.of("/bin/sh")).examine();
  }

  private Path token(String permissions) throws Exception {
    Path token =
        Files.createFile(
            directory.resolve("token"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(token, "glrt-0123456789\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString(permissions));
    return token;
  }

  @Test
  void saysWhatARunnerIs() throws Exception {
    assertThat(examined(token("rw-------"), "/bin/sh"))
        .containsExactly(
            Diagnosis.ok("runner gl", "/bin/sh, 1 at once, for https://gitlab.example.org"));
  }

  @Test
  void warnsOfPoliciesThatWithholdSecretsAndLetJobsNameAnyImage() throws Exception {
    assertThat(
            examined(
                token("rw-------"),
                "/bin/sh",
                """
                policies:
                  - {name: a, secrets: {allow: []}}
                  - {name: b, secrets: {allow: [X]}, images: {allow: ["node:*"]}}
                  - {name: c, secrets: {allow: [X]}, images: {services: []}}
                  - {name: d, secrets: {allow: [X]}, images: {allow: ["node:*"], services: []}}
                  - {name: e}
                """))
        .filteredOn(diagnosis -> diagnosis.subject().startsWith("policy "))
        .extracting(Diagnosis::level, Diagnosis::subject, Diagnosis::fix)
        .containsExactlyElementsOf(
            Stream.of("policy a", "policy b", "policy c")
                .map(
                    subject ->
                        tuple(
                            Diagnosis.Level.WEAK,
                            subject,
                            "list them in images.allow and images.services of the policy"))
                .toList());
  }

  @Test
  void saysWhyARunnerCanNotBeStarted() throws Exception {
    Path token = token("rw-r--r--");
    assertThat(examined(token, "/bin/sh"))
        .extracting(Diagnosis::found)
        .containsExactly(
            "token-file " + token + " can be read by others than its owner: chmod 600 " + token);
    assertThat(examined(token, "/no/such/program"))
        .extracting(Diagnosis::level, Diagnosis::found)
        .containsExactly(
            tuple(
                Diagnosis.Level.WEAK,
                "/no/such/program is no program: install gitlab-runner, or say in gitlab.binary"
                    + " where it is"));
    assertThat(examined(directory.resolve("none"), "/bin/sh"))
        .extracting(Diagnosis::found)
        .allMatch(found -> found.contains("does not exist"));
  }

  @Test
  void saysWhenARunnerWouldNotGetToItsProgram() throws Exception {
    Path program = Files.createFile(directory.resolve("gitlab-runner"));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    permissions = "rwx------";
    assertThat(examined(token("rw-------"), program.toString()))
        .extracting(Diagnosis::found)
        .singleElement()
        .asString()
        .contains("to whom " + directory.toRealPath() + " is closed: chmod o+x ")
        .endsWith(", or name another state-dir");
  }
}
