package dev.mayfly.runner.gitlab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.RegistryLogin;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DockerLoginsTest {
  private static final String NAME = "DOCKER_AUTH_CONFIG";
  private static final String MALFORMED =
      NAME
          + " is not used: it is no JSON such as {\"auths\": {\"registry.example.org\": {\"auth\":"
          + " \"…\"}}}";

  private static DockerLogins parse(String json) {
    return DockerLogins.parse(NAME, json);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static DockerLogins entry(String registry, String fields) {
    return parse("{\"auths\":{\"" + registry + "\":{" + fields + "}}}");
  }

  @Test
  void readsLoginsInBothForms() {
    DockerLogins logins =
        parse(
            """
            {"auths": {
              "https://index.docker.io/v1/": {"auth": "%s"},
              "registry.example.org:5000": {"username": "ci", "password": "secret-2"},
              "registry.example.org/group": {"auth": "%s", "username": "no", "password": "not-it"}},
             "HttpHeaders": {"User-Agent": "x"}}
            """
                .formatted(base64("hub:secret:1"), base64("group:secret-3\0\0")));
    assertThat(logins.all())
        .containsExactly(
            new RegistryLogin("docker.io", "hub", "secret:1"),
            new RegistryLogin("registry.example.org:5000", "ci", "secret-2"),
            new RegistryLogin("registry.example.org/group", "group", "secret-3"));
    assertThat(logins.trouble()).isEmpty();
  }

  @Test
  void knowsAllThatNoReportMayHave() {
    DockerLogins logins =
        entry(
            "r.example",
            "\"auth\":\"%s\",\"password\":\"pw-2\",\"identitytoken\":\"id-3\",\"registrytoken\":\"rt-4\""
                .formatted(base64("u:pw-1")));
    assertThat(logins.secrets())
        .containsExactlyInAnyOrder(base64("u:pw-1"), "pw-1", "pw-2", "id-3", "rt-4");
    assertThat(logins.toString()).isEqualTo("DockerLogins[1]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n"})
  void hasNothingToSayWhereThereIsNothing(String json) {
    assertThat(parse(json)).isSameAs(DockerLogins.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "s3cret",
        "[]",
        "\"s3cret\"",
        "null",
        "5",
        "{\"auths\":[]}",
        "{\"auths\":\"s3cret\"}",
        "{\"auths\":null}",
        "{\"auths\":{\"r\":{\"auth\":s3cret}}}",
        "$DOCKER_AUTH_CONFIG"
      })
  void tellsWhatIsNoConfigWithoutShowingIt(String json) {
    DockerLogins logins = parse(json);
    assertThat(logins.all()).isEmpty();
    assertThat(logins.trouble()).containsExactly(MALFORMED);
    assertThat(logins.secrets()).containsExactly(json);
  }

  @Test
  void survivesJsonThatIsNestedWithoutEnd() {
    assertThat(parse("{\"auths\":".repeat(200_000)).trouble()).containsExactly(MALFORMED);
    assertThat(parse("[".repeat(1_000_000)).trouble()).containsExactly(MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"auth\":\"\"",
        "\"auth\":\"%%%\"",
        "\"auth\":\"bm9jb2xvbg==\"",
        "\"auth\":\"OnBhc3N3b3Jk\"",
        "\"auth\":\"dXNlcjo=\"",
        "\"auth\":{\"a\":1}",
        "\"username\":\"u\"",
        "\"password\":\"s3cret\"",
        "\"identitytoken\":\"s3cret\""
      })
  void tellsOfAnEntryThatIsNoLoginAndUsesTheOthers(String fields) {
    DockerLogins logins =
        parse(
            "{\"auths\":{\"bad.example\":{"
                + fields
                + "},\"good.example\":{\"username\":\"u\",\"password\":\"p\"}}}");
    assertThat(logins.all()).containsExactly(new RegistryLogin("good.example", "u", "p"));
    assertThat(logins.trouble())
        .containsExactly(
            "the entry for bad.example in DOCKER_AUTH_CONFIG is not used: write auth, the base64 of"
                + " USER:PASSWORD, or username and password");
  }

  @Test
  void showsNoRegistryThatCouldHoldAPassword() {
    assertThat(entry("https://user:s3cret@r.example", "").trouble())
        .singleElement()
        .asString()
        .startsWith("the entry for a registry of another form in ")
        .doesNotContain("s3cret");
    assertThat(entry("r.example\\u001b[31m", "").trouble())
        .singleElement()
        .asString()
        .doesNotContain("\033");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "credHelpers":{"r.example":"ecr-login"} | credHelpers
          "credsStore":"pass"                     | credsStore
          """)
  void tellsThatNoProgramOfTheHostRunsForAJob(String field, String key) {
    DockerLogins logins =
        parse("{" + field + ",\"auths\":{\"r.example\":{\"username\":\"u\",\"password\":\"p\"}}}");
    assertThat(logins.all()).hasSize(1);
    assertThat(logins.trouble())
        .containsExactly(
            key
                + " of DOCKER_AUTH_CONFIG is not supported, as no program of the host runs for a"
                + " job: write logins under auths");
    assertThat(parse("{" + field + "}").trouble()).hasSize(1);
    assertThat(parse("{\"credHelpers\":{},\"credsStore\":\"\"}").trouble()).isEmpty();
  }

  @Test
  void usesNoMoreThanSoMany() {
    String entries =
        IntStream.range(0, 101)
            .mapToObj(i -> "\"r" + i + ".example\":{\"username\":\"u\",\"password\":\"p\"}")
            .collect(Collectors.joining(","));
    DockerLogins logins = parse("{\"auths\":{" + entries + "}}");
    assertThat(logins.all()).hasSize(100);
    assertThat(logins.trouble())
        .containsExactly(
            "DOCKER_AUTH_CONFIG has 101 entries under auths, of which the first 100 are used:"
                + " delete those that the job's images don't need");
  }
}
