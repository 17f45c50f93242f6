package dev.mayfly.runner.gitlab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.RegistryLogin;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.SecretScope;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RegistryLoginsTest {
  private static final String OWN =
      "{\\\"auths\\\":{\\\"r.example\\\":{\\\"username\\\":\\\"own\\\",\\\"password\\\":\\\"own-secret\\\"}}}";
  private static final String OPERATOR =
      "{\"auths\":{\"r.example\":{\"username\":\"operator\",\"password\":\"op-secret\"}}}";

  private final Path file;

  RegistryLoginsTest(@TempDir Path directory) {
    this.file = directory.resolve("registries.json");
  }

  private void write(String text, String permissions) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private static JobResponse response(String variable) throws IOException {
    return JobResponse.parse(
        """
        {"id":10,"job_info":{"name":"build","project_full_path":"g/p"},"git_info":{"ref":"main"},
         "credentials":[{"type":"registry","url":"r.example","username":"gitlab","password":"gl-secret"}],
         "variables":[%s]}
        """
            .formatted(variable)
            .getBytes(UTF_8),
        URI.create("https://gitlab.example"),
        _ -> Optional.empty());
  }

  private static JobResponse response(boolean isPublic, String value) throws IOException {
    return response(
        "{\"key\":\"DOCKER_AUTH_CONFIG\",\"value\":\"" + value + "\",\"public\":" + isPublic + "}");
  }

  private static Policy allowing(String... names) {
    return SampleTokens.policy(
        new SecretScope(Optional.of(Stream.of(names).map(Glob::new).toList())),
        IdTokenPolicy.DEFAULT);
  }

  private DockerLogins logins(JobResponse response, Policy policy, boolean operator)
      throws IOException {
    return RegistryLogins.of(
        response,
        new JobSecrets(response, policy, SampleTokens.NOW),
        "gl-main",
        SampleRunner.gitlab(operator ? Optional.of(file) : Optional.empty()));
  }

  private static List<String> users(DockerLogins logins) {
    return logins.all().stream().map(RegistryLogin::user).toList();
  }

  @Test
  void haveTheJobsOwnBeforeGitLabsBeforeTheOperators() throws IOException {
    write(OPERATOR, "rw-------");
    DockerLogins logins = logins(response(false, OWN), Policy.DEFAULT, true);
    assertThat(users(logins)).containsExactly("own", "gitlab", "operator");
    assertThat(logins.secrets())
        .containsExactly("own-secret", "own-secret", "gl-secret", "op-secret", "op-secret");
    assertThat(logins.trouble()).isEmpty();
    assertThat(response("").redaction(logins).of("own-secret, gl-secret, op-secret, r.example"))
        .isEqualTo("[MASKED], [MASKED], [MASKED], r.example");
  }

  @Test
  void haveOfTheJobsOwnOnlyWhatItsPolicyLetsItHave() throws IOException {
    assertThat(users(logins(response(false, OWN), allowing("DOCKER_*"), false)))
        .containsExactly("own", "gitlab");
    assertThat(users(logins(response(false, OWN), allowing("DEPLOY_*"), false)))
        .containsExactly("gitlab");
    assertThat(users(logins(response(true, OWN), allowing("DEPLOY_*"), false)))
        .as("a public variable is no secret")
        .containsExactly("own", "gitlab");
  }

  @Test
  void areGitLabsWhereThereAreNoOthers() throws IOException {
    assertThat(users(logins(response(""), Policy.DEFAULT, false))).containsExactly("gitlab");
  }

  @Test
  void goWithoutAVariableThatIsMalformed() throws IOException {
    DockerLogins logins = logins(response(false, "{s3cret"), Policy.DEFAULT, false);
    assertThat(users(logins)).containsExactly("gitlab");
    assertThat(logins.trouble())
        .singleElement()
        .asString()
        .startsWith("DOCKER_AUTH_CONFIG is not used: ")
        .doesNotContain("s3cret");
  }

  private void refuses(String message) {
    assertThatThrownBy(() -> RegistryLogins.ofOperator("gl-main", Optional.of(file)))
        .isInstanceOf(IOException.class)
        .hasMessage(message.replace("FILE", file.toString()));
  }

  @Test
  void refuseAFileOfTheOperatorsThatIsNotThere() {
    refuses("registry-auth-file FILE of runner gl-main does not exist");
  }

  @Test
  void refuseAFileOfTheOperatorsThatCannotBeRead() throws IOException {
    Files.createDirectory(file);
    refuses(
        "registry-auth-file FILE of runner gl-main can't be read as text (Is a directory): name the"
            + " file that holds the logins");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----"})
  void refuseAFileOfTheOperatorsThatIsNotItsOwnersAlone(String permissions) throws IOException {
    write(OPERATOR, permissions);
    refuses("registry-auth-file FILE can be read by others than its owner: chmod 600 FILE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"auths":{}} | registry-auth-file FILE has no logins under auths: add some, or delete the key
          ``           | registry-auth-file FILE has no logins under auths: add some, or delete the key
          {s3cret      | registry-auth-file FILE is not used: it is no JSON such as {"auths": {"registry.example.org": {"auth": "…"}}}
          {"auths":{"r.example":{}}} | the entry for r.example in registry-auth-file FILE is not used: write auth, the base64 of USER:PASSWORD, or username and password
          {"credsStore":"pass"} | credsStore of registry-auth-file FILE is not supported, as no program of the host runs for a job: write logins under auths
          """)
  void refuseAFileOfTheOperatorsWithTroubleInIt(String text, String message) throws IOException {
    write(text, "rw-------");
    refuses(message);
  }
}
