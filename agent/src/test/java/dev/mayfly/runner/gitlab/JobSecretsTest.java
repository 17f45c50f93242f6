package dev.mayfly.runner.gitlab;

import static dev.mayfly.runner.gitlab.SampleTokens.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.job.Finding;
import dev.mayfly.job.SecretUse;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.SecretScope;
import dev.mayfly.runner.gitlab.SampleScript.Form;
import dev.mayfly.supervisor.JobStreams;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JobSecretsTest {
  private static final String RESPONSE =
      """
      {"id":10,"token":"job-token-1",
       "job_info":{"name":"build","project_full_path":"g/p"},
       "git_info":{"repo_url":"https://gitlab-ci-token:job-token-1@gitlab.example/g/p.git","ref":"main"},
       "variables":[
         {"key":"CI_JOB_TOKEN","value":"job-token-1","masked":true},
         {"key":"CI_REGISTRY_PASSWORD","value":"job-token-1"},
         {"key":"CI_REPOSITORY_URL","value":"https://gitlab-ci-token:job-token-1@gitlab.example/g/p.git"},
         {"key":"CI_JOB_ID","value":"10","public":true},
         {"key":"DEPLOY_KEY","value":"deploy-secret","public":false,"masked":true},
         {"key":"SIGNING_KEY","value":"signing-secret","public":false,"file":true},
         {"key":"PIN","value":"1234"},
         {"key":"EMPTY","value":""},
         {"key":"DOCKER_AUTH_CONFIG","value":"{auth}"},
         {"key":"VAULT_TOKEN","value":"TOKEN"}],
       "steps":[{"name":"script","script":["echo signing-secret"]}]}
      """
          .replace("TOKEN\"}]", SampleTokens.unsigned(SampleTokens.claims("")) + "\"}]");

  private static final String SCRIPT =
      new String(
          new SampleScript(Form.ANSI, "/builds/g/p.tmp")
              .variable("CI_JOB_TOKEN", "job-token-1")
              .variable("DEPLOY_KEY", "deploy-secret")
              .file("SIGNING_KEY", "signing-secret")
              .line("echo signing-secret")
              .bytes(),
          UTF_8);

  private static JobSecrets secrets(Policy policy) {
    try {
      return new JobSecrets(
          JobResponse.parse(
              RESPONSE.getBytes(UTF_8),
              URI.create("https://gitlab.example"),
              _ -> Optional.empty()),
          policy,
          NOW);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Policy allowing(String... patterns) {
    return SampleTokens.policy(
        new SecretScope(Optional.of(Stream.of(patterns).map(Glob::new).toList())),
        IdTokenPolicy.DEFAULT);
  }

  private static JobStreams streams(String script) {
    return new JobStreams(
        new ByteArrayInputStream(script.getBytes(UTF_8)),
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream(),
        _ -> {});
  }

  private static String scoped(JobSecrets secrets, String script) throws IOException {
    try (InputStream in = secrets.scoped(streams(script)).stdin()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void givesEverythingWhereThePolicySaysNothing() throws IOException {
    JobSecrets all = secrets(Policy.DEFAULT);
    assertThat(all.use())
        .isEqualTo(
            new SecretUse(
                List.of("DEPLOY_KEY", "DOCKER_AUTH_CONFIG", "PIN", "SIGNING_KEY", "VAULT_TOKEN"),
                List.of()));
    assertThat(all.findings()).isEmpty();
    assertThat(all.lines()).isEmpty();
    JobStreams streams = streams("any");
    assertThat(all.scoped(streams)).isSameAs(streams);
    assertThat(all.allowed("DOCKER_AUTH_CONFIG")).contains("{auth}");
  }

  @Test
  void withholdsWhatThePolicyDoesNotName() throws IOException {
    JobSecrets some = secrets(allowing("DEPLOY_*", "VAULT_TOKEN"));
    assertThat(some.use())
        .isEqualTo(
            new SecretUse(
                List.of("DEPLOY_KEY", "VAULT_TOKEN"),
                List.of("DOCKER_AUTH_CONFIG", "PIN", "SIGNING_KEY")));
    assertThat(some.lines())
        .containsExactly(
            "withheld by policy default: DOCKER_AUTH_CONFIG, PIN, SIGNING_KEY (secrets.allow)");
    assertThat(some.findings())
        .hasSize(3)
        .contains(
            new Finding(
                "secrets.withheld",
                Finding.Severity.LOW,
                Optional.empty(),
                Finding.Reaction.BLOCK,
                "gitlab",
                "SIGNING_KEY",
                "to give it to such jobs, add \"SIGNING_KEY\" to secrets.allow of policy default",
                1));
    assertThat(scoped(some, SCRIPT))
        .isEqualTo(
            SCRIPT.replace(
                "printf \\'%s\\' signing-secret > \"/builds/g/p.tmp/SIGNING_KEY\"\\nexport"
                    + " SIGNING_KEY=\"/builds/g/p.tmp/SIGNING_KEY\"",
                "printf \\'%s\\'  > \"/builds/g/p.tmp/SIGNING_KEY\"\\nexport SIGNING_KEY="))
        .contains("deploy-secret")
        .contains("\\necho signing-secret\\n");
    assertThat(some.toString() + some.lines() + some.findings())
        .doesNotContain("signing-secret", "deploy-secret", "1234", "{auth}");
  }

  @Test
  void leavesTheJobsOwnTokenWhateverThePolicySays() throws IOException {
    JobSecrets none = secrets(allowing());
    assertThat(none.use().given()).isEmpty();
    assertThat(none.use().withheld())
        .containsExactly("DEPLOY_KEY", "DOCKER_AUTH_CONFIG", "PIN", "SIGNING_KEY", "VAULT_TOKEN");
    assertThat(scoped(none, SCRIPT))
        .contains("CI_JOB_TOKEN=job-token-1")
        .doesNotContain("deploy-secret");
  }

  @Test
  void refusesScriptsThatItDoesNotKnow() {
    assertThatThrownBy(() -> secrets(allowing("*_*")).scoped(streams("export PIN=1234\n")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "policy default withholds PIN, but they can't be taken out of the script: it is not"
                + " written as gitlab-runner's scripts are known to be");
  }

  @Test
  void givesServicesAndPullsTheAllowedOnly() {
    JobSecrets some = secrets(allowing("DEPLOY_*"));
    assertThat(
            some.allowed(
                Map.of(
                    "DEPLOY_KEY", "deploy-secret",
                    "SIGNING_KEY", "x",
                    "DB", "a signing-secret b")))
        .isEqualTo(Map.of("DEPLOY_KEY", "deploy-secret", "DB", "a  b"));
    assertThat(some.allowed("DOCKER_AUTH_CONFIG")).isEmpty();
    assertThat(some.allowed("DEPLOY_KEY")).contains("deploy-secret");
    assertThat(some.allowed("UNKNOWN")).isEmpty();
  }

  @Test
  void withholdsTokensThatNothingVerifies() {
    Path missing = Path.of("/nonexistent/jwks.json");
    JobSecrets secrets =
        secrets(
            SampleTokens.policy(
                SecretScope.EVERYTHING,
                new IdTokenPolicy(Duration.ofHours(1), List.of(), Optional.of(missing))));
    assertThat(secrets.use().withheld()).containsExactly("VAULT_TOKEN");
    assertThat(secrets.findings()).extracting(Finding::rule).containsExactly("id-token.signature");
    assertThat(secrets.lines())
        .containsExactly(
            "withheld by policy default, as no key verifies them: VAULT_TOKEN"
                + " (id-tokens.jwks-file)",
            "jwks-file /nonexistent/jwks.json can't be read: make it anew");
  }
}
