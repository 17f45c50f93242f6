package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.RegistryLogin;
import dev.mayfly.hook.HookCall;
import dev.mayfly.hook.HookExit;
import dev.mayfly.job.Job;
import dev.mayfly.job.Redaction;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.SecretScope;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
import dev.mayfly.supervisor.JobStreams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hooks up to where a job's sandbox would be made. */
final class GitLabHooksTest {
  private static final Path TOOLS = Path.of("/var/lib/mayfly/runners/gl-main/tools");
  private static final String RESPONSE =
      """
      {"id":10,"job_info":{"name":"build","project_full_path":"g/p"},
       "git_info":{"repo_url":"https://gitlab-ci-token:t@code.example/g/p.git","ref":"main"},
       "credentials":[{"type":"registry","url":"r.example","username":"u","password":"s"}],
       "image":IMAGE}
      """;

  private final Services services = new Services();
  private final List<String> log = new ArrayList<>();
  private final List<String> messages = new ArrayList<>();
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final GitLabHooks hooks = hooks(Map.of());

  private GitLabHooks hooks(Map<String, Object> settings) {
    return new GitLabHooks(
        new GitLabHooks.Settings(
            "gl-main",
            SampleRunner.gitlab("https://gitlab.example", settings),
            1,
            TOOLS,
            "0.1.0",
            log::add),
        services);
  }

  /** Where a job would begin, had this a supervisor. */
  private static final class Began extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;
  }

  private static final class Services implements GitLabFront.JobServices {
    private Policy policy = Policy.DEFAULT;
    private final List<Job> asked = new ArrayList<>();
    private @Nullable JobRequest request;

    @Override
    public Policy policyFor(Job job) {
      asked.add(job);
      return policy;
    }

    @Override
    public List<String> undecided(Job job) {
      return List.of();
    }

    @Override
    public JobSession start(JobRequest started, Consumer<String> lines) {
      request = started;
      throw new Began();
    }

    @Override
    public String report(JobResult result, Redaction redaction) {
      throw new AssertionError("a report of no job");
    }

    JobRequest request() {
      JobRequest its = request;
      assertThat(its).isNotNull();
      return Objects.requireNonNull(its);
    }
  }

  private static HookCall call(String name, Optional<String> response, String... arguments) {
    return new HookCall(
        name,
        List.of(arguments),
        Map.of(
            "TMPDIR",
            "/t/custom-executor1".getBytes(StandardCharsets.UTF_8),
            "CUSTOM_ENV_CI_PROJECT_PATH",
            "evil/project".getBytes(StandardCharsets.UTF_8)),
        response.map(it -> it.getBytes(StandardCharsets.UTF_8)),
        new byte[0]);
  }

  private HookExit handle(GitLabHooks its, HookCall call) {
    return its.handle(
        call,
        new JobStreams(
            new ByteArrayInputStream(new byte[0]),
            stdout,
            new ByteArrayOutputStream(),
            messages::add),
        new JobControl());
  }

  private HookExit handle(HookCall call) {
    return handle(hooks, call);
  }

  private static HookCall prepare(String image) {
    return call("prepare", Optional.of(RESPONSE.replace("IMAGE", image)));
  }

  private JobRequest begun(GitLabHooks its, String image) {
    assertThatThrownBy(() -> handle(its, prepare(image))).isInstanceOf(Began.class);
    return services.request();
  }

  @Test
  void answersConfigWithExactlyThisJson() {
    assertThat(handle(call("config", Optional.empty()))).isEqualTo(new HookExit.Success());
    assertThat(stdout.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"driver\":{\"name\":\"mayfly\",\"version\":\"0.1.0\"},"
                + "\"hostname\":\"gl-main\",\"builds_dir\":\"/workspace/builds\","
                + "\"cache_dir\":\"/workspace/cache\",\"builds_dir_is_shared\":false,"
                + "\"shell\":\"bash\"}");
    assertThat(messages).isEmpty();
  }

  @Test
  void refusesACallThatItDoesNotKnow() {
    assertThat(handle(call("terminate", Optional.empty()))).isEqualTo(new HookExit.SystemFailed());
    assertThat(messages).containsExactly("there is no call terminate: config.toml is not Mayfly's");
  }

  @Test
  void saysWhenARunnerPassesNoJobOn() {
    assertThat(handle(call("prepare", Optional.empty()))).isEqualTo(new HookExit.SystemFailed());
    assertThat(messages)
        .containsExactly(
            "gitlab-runner passes on no JOB_RESPONSE_FILE, by which jobs get their policies: use"
                + " gitlab-runner 14.8 or later");
    assertThat(services.asked).isEmpty();
  }

  @Test
  void saysWhenWhatARunnerPassesOnIsNoJob() {
    assertThat(handle(call("prepare", Optional.of("SECRET"))))
        .isEqualTo(new HookExit.SystemFailed());
    assertThat(messages).singleElement().asString().startsWith("the job is no JSON: ");
    assertThat(messages.getFirst()).doesNotContain("SECRET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"A B", "--privileged", "alpine:3:4", "../x", "a$"})
  void refusesABadImageForGood(String image) {
    assertThat(handle(prepare("{\"name\":\"" + image + "\"}")))
        .isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages)
        .containsExactly(
            "refused: \""
                + image
                + "\" is not an image name: write name, name:tag or name@sha256:…, in lower case");
    assertThat(hooks.count()).isZero();
  }

  @Test
  void refusesAPullPolicyThatThereIsNone() {
    assertThat(handle(prepare("{\"name\":\"a\",\"pull_policy\":\"sometimes\"}")))
        .isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages)
        .containsExactly(
            "refused: pull_policy of the image must be always, if-not-present or never");
  }

  @Test
  void asksForThePolicyByWhatTheServerSaid() {
    JobRequest request = begun(hooks, "{\"name\":\"alpine:3\"}");
    assertThat(services.asked)
        .singleElement()
        .satisfies(
            job -> {
              assertThat(job.project()).contains("g/p");
              assertThat(job.ref()).contains("main");
              assertThat(job.isProtected()).isEmpty();
            });
    assertThat(request.job()).isEqualTo(services.asked.getFirst());
    assertThat(request.image()).contains(ImageReference.parse("alpine:3"));
    assertThat(request.logins()).singleElement().hasToString("u at r.example");
    assertThat(request.tools()).contains(TOOLS);
  }

  @Test
  void takesTheLoginsOfTheJobsOwnVariableBeforeGitLabs() {
    HookCall call =
        call(
            "prepare",
            Optional.of(
                RESPONSE.replace(
                    "\"image\":IMAGE",
                    "\"variables\":[{\"key\":\"DOCKER_AUTH_CONFIG\",\"value\":\"{\\\"auths\\\":{"
                        + "\\\"r.example\\\":{\\\"username\\\":\\\"own\\\",\\\"password\\\":\\\"s3cret\\\"},"
                        + "\\\"q.example\\\":{}}}\"}]")));
    assertThatThrownBy(() -> handle(call)).isInstanceOf(Began.class);
    assertThat(services.request().logins().stream().map(RegistryLogin::toString))
        .containsExactly("own at r.example", "u at r.example");
    assertThat(messages)
        .containsExactly(
            "the entry for q.example in DOCKER_AUTH_CONFIG is not used: write auth, the base64 of"
                + " USER:PASSWORD, or username and password");
  }

  @Test
  void takesNoJobWithoutTheLoginsThatTheOperatorMeansItToHave() {
    GitLabHooks its =
        new GitLabHooks(
            new GitLabHooks.Settings(
                "gl-main",
                SampleRunner.gitlab(Optional.of(Path.of("/nowhere/registries.json"))),
                1,
                TOOLS,
                "0.1.0",
                log::add),
            services);
    assertThat(handle(its, prepare("null"))).isEqualTo(new HookExit.SystemFailed());
    assertThat(messages)
        .containsExactly(
            "registry-auth-file /nowhere/registries.json of runner gl-main does not exist");
  }

  private static HookCall withReadyPort(String port) {
    return call(
        "prepare",
        Optional.of(
            RESPONSE.replace(
                "\"image\":IMAGE",
                "\"services\":[{\"name\":\"db:1\",\"variables\":[{\"key\":\"HEALTHCHECK_TCP_PORT\","
                    + "\"value\":\""
                    + port
                    + "\"}]}]")));
  }

  @Test
  void waitsForTheServicesPortThatTheJobNames() {
    assertThatThrownBy(() -> handle(withReadyPort("8080"))).isInstanceOf(Began.class);
    assertThat(services.request().services().getFirst().port()).contains(8080);
    assertThatThrownBy(() -> handle(withReadyPort(""))).isInstanceOf(Began.class);
    assertThat(services.request().services().getFirst().port()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "http", "-1", "80,81"})
  void refusesAPortThatIsNone(String port) {
    assertThat(handle(withReadyPort(port))).isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages)
        .containsExactly(
            "refused: HEALTHCHECK_TCP_PORT of service db:1 must be a port of TCP, 1 to 65535");
  }

  @Test
  void leavesTheImageToThePolicyWhereTheJobNamesNone() {
    assertThat(begun(hooks, "null").image()).isEmpty();
  }

  @Test
  void letsJobsReachTheServer() {
    EgressPolicy egress = begun(hooks, "null").policy().egress();
    assertThat(egress.server().stream().map(EgressRule::text))
        .containsExactly("gitlab.example:443", "code.example:443");
  }

  @Test
  void letsAJobWithoutNetworkReachNothing() {
    services.policy =
        Policy.DEFAULT.withEgress(
            new EgressPolicy(
                EgressMode.NONE,
                List.of(),
                EgressPolicy.DEFAULT.refusedRanges(),
                false,
                EgressPolicy.DEFAULT.refusedNames()));
    assertThat(begun(hooks, "null").policy()).isEqualTo(services.policy);
  }

  @Test
  void asksForTheImageInTheWaysThatTheJobSays() {
    services.policy = Policy.DEFAULT.withPull(PullPolicy.NEVER);
    JobRequest request =
        begun(hooks, "{\"name\":\"a\",\"pull_policy\":[\"always\",\"if-not-present\",\"never\"]}");
    assertThat(request.pulls())
        .containsExactly(PullPolicy.ALWAYS, PullPolicy.MISSING, PullPolicy.NEVER);
    assertThat(request.policy().pull()).isEqualTo(PullPolicy.NEVER);
    assertThat(begun(hooks, "{\"name\":\"a\"}").pulls()).isEmpty();
    assertThat(begun(hooks, "null").pulls()).isEmpty();
  }

  /** Nothing is asked for where a registry would learn what the policy withholds. */
  @Test
  void refusesAnImageWhoseNameHasASecretThatTheRunnerFetched() {
    services.policy =
        SampleTokens.policy(new SecretScope(Optional.of(List.of())), IdTokenPolicy.DEFAULT);
    HookCall prepare =
        prepare("{\"name\":\"evil.example/x:$VAULT\"},\"secrets\":{\"VAULT\":{\"file\":false}}");
    Map<String, byte[]> environment = new HashMap<>(prepare.environment());
    environment.put("CUSTOM_ENV_VAULT", "v-1".getBytes(StandardCharsets.UTF_8));
    assertThat(
            handle(
                new HookCall(
                    prepare.name(),
                    prepare.arguments(),
                    environment,
                    prepare.response(),
                    prepare.script())))
        .isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages)
        .containsExactly(
            "refused: policy default withholds VAULT, and the name of the image has a value of these,"
                + " which others would learn: write it without, or add the variable to"
                + " secrets.allow");
    assertThat(services.request).isNull();
  }

  @Test
  void saysWhyThereIsNothingToRunAStageIn() {
    assertThat(handle(call("run", Optional.empty(), "/script", "get_sources")))
        .isEqualTo(new HookExit.SystemFailed());
    assertThat(handle(call("run", Optional.empty()))).isEqualTo(new HookExit.SystemFailed());
    assertThat(messages)
        .containsExactly(
            "there is no sandbox for stage get_sources: Mayfly was started again since, and"
                + " destroyed it; start the job again",
            "there is no sandbox for stage unnamed: Mayfly was started again since, and destroyed"
                + " it; start the job again");
  }

  @Test
  void cleansUpAgainAndAgain() throws InterruptedException {
    for (int i = 0; i < 2; i++) {
      assertThat(handle(call("cleanup", Optional.empty()))).isEqualTo(new HookExit.Success());
    }
    hooks.endAll();
    assertThat(messages).isEmpty();
    assertThat(log).isEmpty();
    assertThat(hooks.count()).isZero();
    assertThat(Set.copyOf(services.asked)).isEmpty();
  }
}
