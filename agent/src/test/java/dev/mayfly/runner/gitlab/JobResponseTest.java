package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JobResponseTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final URI INSTANCE = URI.create("https://gitlab.example");
  private static final String REMEDY =
      ": JOB_RESPONSE_FILE is not what gitlab-runner 14.8 or later writes; is this its custom"
          + " executor?";
  private static final Map<String, String> FETCHED =
      Map.of("VAULT_FILE", "SECRET-vault", "VAULT_WORD", "SECRET-word", "CI_JOB_ID", "SECRET-id");
  private static final String FULL =
      """
      {"id":10,"token":"SECRET-job-token","allow_git_fetch":false,
       "job_info":{"name":"test-job","stage":"test","project_id":123,"project_name":"test-project",
                   "project_full_path":"g/test-project","pipeline_id":7,"user_id":1},
       "git_info":{"repo_url":"http://gitlab-ci-token:SECRET-job-token@127.0.0.1:8080/g/test-project.git",
         "ref":"main","sha":"abcdef123456","before_sha":"654321fedcba","ref_type":"branch",
         "refspecs":[],"depth":0,"protected":true},
       "runner_info":{"timeout":3600},
       "variables":[
         {"key":"GIT_STRATEGY","value":"none","public":true,"file":false,"masked":false,"raw":true},
         {"key":"CI_JOB_ID","value":"10","public":true},
         {"key":"KEY","value":"SECRET-value","masked":true,"file":true},
         {"key":"CI_JOB_ID","value":"11","public":true}],
       "steps":[{"name":"script","script":["echo SECRET-step"],"timeout":3600}],
       "image":{"name":"alpine:3"},
       "services":[
         {"name":"registry.example:5000/db/postgres:16","alias":"db","entrypoint":["/init"],
          "command":["postgres","-c"],"pull_policy":["never"],
          "variables":[{"key":"POSTGRES_PASSWORD","value":"SECRET-service"},{"key":"N","value":null,"raw":true}]},
         {"name":"redis"}],
       "artifacts":[],"cache":[],
       "credentials":[
         {"type":"registry","url":"registry.example:5000","username":"gitlab-ci-token",
          "password":"SECRET-registry"},
         {"type":"other","url":"x","username":"u","password":"SECRET-other"}],
       "secrets":{"VAULT_FILE":{"vault":{"path":"a"}},"VAULT_WORD":{"file":false},
         "UNKNOWN":{"file":null}},
       "dependencies":[],"features":{"trace_sections":false}}
      """;

  private static JobResponse parse(String json) throws IOException {
    return parse(json, INSTANCE);
  }

  private static JobResponse parse(String json, URI instance) throws IOException {
    return JobResponse.parse(
        json.getBytes(StandardCharsets.UTF_8),
        instance,
        name -> Optional.ofNullable(FETCHED.get(name)));
  }

  private static JobResponse withRepository(String url, String instance) throws IOException {
    ObjectNode job = JSON.createObjectNode().put("id", 1);
    job.putObject("git_info").put("repo_url", url);
    return parse(job.toString(), URI.create(instance));
  }

  @Test
  void readsWhoTheJobIs() throws IOException {
    JobResponse response = parse(FULL);
    assertThat(response.job().id()).hasToString("10");
    assertThat(response.job().platform()).isEqualTo("gitlab");
    assertThat(response.job().project()).contains("g/test-project");
    assertThat(response.job().ref()).contains("main");
    assertThat(response.job().name()).isEqualTo("test-job");
    assertThat(response.job().isProtected()).contains(true);
    assertThat(response.job().details())
        .isEqualTo(
            Map.of(
                "stage",
                "test",
                "project-id",
                "123",
                "pipeline-id",
                "7",
                "user-id",
                "1",
                "sha",
                "abcdef123456",
                "ref-type",
                "branch"));
    assertThat(response.cloneUrl()).contains(URI.create("http://127.0.0.1:8080/"));
  }

  private static JobResponse.Image image(
      String name, Optional<List<String>> entrypoint, String... pulls) {
    return new JobResponse.Image(
        name, entrypoint, List.of(pulls), Optional.empty(), Optional.empty());
  }

  @Test
  void readsWhatTheJobAsksFor() throws IOException {
    JobResponse response = parse(FULL);
    assertThat(response.image()).contains(image("alpine:3", Optional.empty()));
    assertThat(response.services())
        .containsExactly(
            new JobResponse.Service(
                image(
                    "registry.example:5000/db/postgres:16", Optional.of(List.of("/init")), "never"),
                Optional.of("db"),
                Optional.of(List.of("postgres", "-c")),
                List.of(
                    new JobResponse.Variable(
                        "POSTGRES_PASSWORD", "SECRET-service", false, false, false, false),
                    new JobResponse.Variable("N", "", false, false, false, true))),
            new JobResponse.Service(
                image("redis", Optional.empty()), Optional.empty(), Optional.empty(), List.of()));
    assertThat(response.logins()).hasSize(1);
    assertThat(response.logins().getFirst().registry()).isEqualTo("registry.example:5000");
    assertThat(response.logins().getFirst().user()).isEqualTo("gitlab-ci-token");
    assertThat(response.logins().getFirst().password()).isEqualTo("SECRET-registry");
  }

  @Test
  void readsVariablesOfWhichTheLastOfANameCounts() throws IOException {
    JobResponse response = parse(FULL);
    assertThat(response.variables())
        .contains(
            new JobResponse.Variable("GIT_STRATEGY", "none", true, false, false, true),
            new JobResponse.Variable("KEY", "SECRET-value", false, true, true, false))
        .hasSize(6);
    assertThat(response.variable("CI_JOB_ID")).contains("11");
    assertThat(response.variable("NONE")).isEmpty();
  }

  /** The runner gets them itself: they are in its scripts, and not among GitLab's variables. */
  @Test
  void hasTheSecretsThatTheRunnerFetched() throws IOException {
    JobResponse response = parse(FULL);
    assertThat(response.variables())
        .endsWith(
            new JobResponse.Variable("VAULT_FILE", "SECRET-vault", false, true, true, true),
            new JobResponse.Variable("VAULT_WORD", "SECRET-word", false, true, false, true));
    assertThat(response.unknownSecrets()).containsExactly("UNKNOWN");
    assertThat(response.redaction(DockerLogins.NONE).of("a SECRET-vault, a SECRET-word"))
        .isEqualTo("a [MASKED], a [MASKED]");
  }

  @Test
  void believesNoVariableOfTheRunnersThatIsNoSecret() throws IOException {
    assertThat(parse(FULL).variable("CI_JOB_ID")).contains("11");
  }

  @Test
  void showsNoSecret() throws IOException {
    JobResponse response = parse(FULL.replace("alpine:3", "SECRET-image"));
    assertThat(response.toString()).contains("test-job").doesNotContain("SECRET");
    assertThat(response.image().toString()).doesNotContain("SECRET");
    assertThat(response.variables().toString()).contains("KEY").doesNotContain("SECRET");
    assertThat(response.services().toString()).contains("POSTGRES").doesNotContain("SECRET");
    assertThat(response.logins().toString()).doesNotContain("SECRET");
  }

  /** gitlab-runner 14.8 passes on less. */
  @Test
  void takesTheProjectFromTheRepositoryWhereAnOldRunnerDoesNotTellIt() throws IOException {
    JobResponse response =
        parse(
            """
            {"id":5,"token":"t","job_info":{"name":"a","stage":"b","project_id":1,"project_name":"p"},
             "git_info":{"repo_url":"https://gitlab-ci-token:t@gitlab.example/group/sub/p.git",
               "ref":"v1","sha":"c","ref_type":"tag"},"image":{"name":"","entrypoint":null}}
            """);
    assertThat(response.job().project()).contains("group/sub/p");
    assertThat(response.job().isProtected()).isEmpty();
    assertThat(response.job().ref()).contains("v1");
    assertThat(response.image()).isEmpty();
    assertThat(response.services()).isEmpty();
    assertThat(response.variables()).isEmpty();
    assertThat(response.logins()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "https://x:y@gitlab.example/g/p.git, https://gitlab.example, g/p",
    "https://x:y@gitlab.example/g/p, https://gitlab.example, g/p",
    "https://x:y@gitlab.example/g/p.git/, https://gitlab.example, g/p",
    "https://x:y@gitlab.example/a/b/c/d.git, https://gitlab.example, a/b/c/d",
    "https://x:y@gitlab.example/git/g/p.git, https://gitlab.example/git, g/p",
    "https://x:y@gitlab.example/git/g/p.git, https://gitlab.example/git/, g/p",
    "https://x:y@gitlab.example/a/b/g/p.git, https://gitlab.example/a/b//, g/p",
    "https://x:y@gitlab.example/g/p.git, https://gitlab.example/, g/p",
    "https://x:y@gitlab.example/gitx/p.git, https://gitlab.example/git, gitx/p",
    "https://x:y@gitlab.example/g/p.git, https://inside.example/git, g/p",
    "http://x:y@[::1]:80/g/p.git, http://[::1], g/p",
  })
  void takesTheProjectsPathBelowTheInstances(String repository, String instance, String project)
      throws IOException {
    assertThat(withRepository(repository, instance).job().project()).contains(project);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "https://gitlab.example",
        "https://gitlab.example/",
        "https://gitlab.example/.git",
        "not a url",
        "git@gitlab.example:g/p.git",
        "/g/p.git",
        "https://x y/g/p",
      })
  void knowsNoProjectWhereTheRepositoryTellsNone(String repository) throws IOException {
    assertThat(withRepository(repository, "https://gitlab.example").job().project()).isEmpty();
  }

  @Test
  void keepsNoLoginInTheUrlOfTheRepository() throws IOException {
    assertThat(withRepository("https://user:SECRET@g.example:8443/g/p.git", "https://g.example"))
        .extracting(JobResponse::cloneUrl)
        .isEqualTo(Optional.of(URI.create("https://g.example:8443/")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"name":"a"}                                        |      |
          {"name":"a","entrypoint":[]}                        |      |
          {"name":"a","entrypoint":[""]}                      | ``   |
          {"name":"a","entrypoint":["/bin/sh","-c"]}          | /bin/sh,-c |
          {"name":"a","pull_policy":"always"}                 |      | always
          {"name":"a","pull_policy":["always","never"]}       |      | always,never
          {"name":"a","pull_policy":[]}                       |      |
          {"name":"a","pull_policy":null,"entrypoint":null}   |      |
          """)
  void readsImages(String image, String entrypoint, String pulls) throws IOException {
    JobResponse.Image read = parse("{\"id\":1,\"image\":" + image + "}").image().orElseThrow();
    assertThat(read.name()).isEqualTo("a");
    assertThat(read.entrypoint().map(it -> String.join(",", it)))
        .isEqualTo(Optional.ofNullable(entrypoint));
    assertThat(String.join(",", read.pulls())).isEqualTo(Optional.ofNullable(pulls).orElse(""));
    assertThat(read.platform()).isEmpty();
    assertThat(read.user()).isEmpty();
  }

  @Test
  void readsWhatImagesAreToBeRunAs() throws IOException {
    JobResponse.Image read =
        parse(
                """
                {"id":1,"image":{"name":"a","executor_opts":{"docker":{"platform":"linux/arm64",
                  "user":"1000:0"},"kubernetes":{"user":"1"}}}}
                """)
            .image()
            .orElseThrow();
    assertThat(read.platform()).contains("linux/arm64");
    assertThat(read.user()).contains("1000:0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "[{\"id\":1}]", "1", "\"SECRET\"", "true", " \n"})
  void refusesWhatIsNoObject(String json) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(IOException.class)
        .hasMessage("the job is no JSON object" + REMEDY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SECRET",
        "{\"id\":1,\"token\":\"SECRET",
        "{\"id\":1,\"token\":SECRET}",
        "{'id':1}",
        "{\"id\":1,}",
        "{\"id\":1,\"token\":\"\u0001SECRET\"}",
      })
  void refusesWhatIsNoJsonWithoutShowingIt(String json) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(IOException.class)
        .hasMessage("the job is no JSON" + REMEDY)
        .hasNoCause();
  }

  @Test
  void refusesBytesThatAreNoText() {
    for (byte[] bytes :
        List.of(
            new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'},
            new byte[] {0, 0, 0, '{', 0, 0x7f, 0, 0},
            new byte[] {0, 0, '{', 0, 0, 0, 0, 0})) {
      assertThatThrownBy(() -> JobResponse.parse(bytes, INSTANCE, _ -> Optional.empty()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the job is no JSON")
          .hasMessageEndingWith(REMEDY)
          .hasNoCause();
    }
  }

  @Test
  void refusesJsonThatIsTooDeep() {
    assertThatThrownBy(() -> parse("{\"id\":1,\"a\":" + "[".repeat(100_000)))
        .isInstanceOf(IOException.class)
        .hasMessage("the job is no JSON" + REMEDY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"id\":null}",
        "{\"id\":\"10\"}",
        "{\"id\":-1}",
        "{\"id\":1.5}",
        "{\"id\":true}",
        "{\"id\":[1]}",
        "{\"id\":{}}",
        "{\"id\":9223372036854775808}",
        "{\"id\":1e3}",
      })
  void refusesAJobWithoutAnId(String json) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(IOException.class)
        .hasMessage("the job has no id" + REMEDY);
  }

  @Test
  void takesTheBiggestId() throws IOException {
    assertThat(parse("{\"id\":9223372036854775807}").job().id()).hasToString("9223372036854775807");
    assertThat(parse("{\"id\":0}").job().id()).hasToString("0");
  }

  @Test
  void takesAResponseOfManyMegabytes() throws IOException {
    String value = "x".repeat(1000);
    StringBuilder json = new StringBuilder("{\"id\":1,\"variables\":[");
    for (int i = 0; i < 10_000; i++) {
      json.append("{\"key\":\"K").append(i).append("\",\"value\":\"").append(value).append("\"},");
    }
    json.append("{\"key\":\"LAST\",\"value\":\"1\"}]}");
    assertThat(parse(json.toString()).variable("LAST")).contains("1");
  }

  /**
   * Whatever is in any place, it is read as something, absent, or refused; and what is told is no
   * secret.
   */
  @Test
  void bearsEveryTypeInEveryPlace() throws IOException {
    JsonNode full = JSON.readTree(FULL);
    List<String> places = new ArrayList<>();
    collect(full, "", places);
    assertThat(places).hasSizeGreaterThan(60);
    for (String place : places) {
      for (String other :
          List.of(
              "null",
              "true",
              "-1",
              "1.5",
              "1e999",
              "\"\"",
              "\"x y\"",
              "[]",
              "[null]",
              "[[1]]",
              "{}",
              "{\"a\":{}}")) {
        JsonNode changed = full.deepCopy();
        int cut = place.lastIndexOf('/');
        JsonNode parent = changed.at(place.substring(0, cut));
        String key = place.substring(cut + 1);
        if (parent instanceof ObjectNode object) {
          object.set(key, JSON.readTree(other));
        } else {
          ((ArrayNode) parent).set(Integer.parseInt(key), JSON.readTree(other));
        }
        try {
          JobResponse read = parse(changed.toString());
          assertThat(read.toString() + read.services() + read.variables() + read.logins())
              .as("%s: %s", place, other)
              .doesNotContain("SECRET");
        } catch (IOException e) {
          assertThat(e).as("%s: %s", place, other).hasMessage("the job has no id" + REMEDY);
          assertThat(place).isEqualTo("/id");
        }
      }
    }
  }

  private static void collect(JsonNode node, String pointer, List<String> places) {
    if (!pointer.isEmpty()) {
      places.add(pointer);
    }
    if (node.isObject()) {
      node.propertyStream()
          .forEach(it -> collect(it.getValue(), pointer + "/" + it.getKey(), places));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(node.get(i), pointer + "/" + i, places);
      }
    }
  }
}
