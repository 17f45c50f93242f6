package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.ImageFacts;
import dev.mayfly.hook.HookCall;
import dev.mayfly.hook.HookExit;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Redaction;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.FakeInit;
import dev.mayfly.sandbox.SampleSandbox;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
import dev.mayfly.supervisor.JobStreams;
import dev.mayfly.supervisor.SampleResult;
import dev.mayfly.supervisor.SampleSession;
import dev.mayfly.supervisor.Steered;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hooks of one job, in a sandbox whose PID 1 is played. */
@Timeout(60)
final class GitLabJobTest {
  private static final int SIGTERM = 15;
  private static final String TMPDIR = "/t/custom-executor1";
  private static final HookExit SUCCESS = new HookExit.Success();

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final List<JobResult> reports = new ArrayList<>();
  private final Set<String> installed = new HashSet<>(Set.of("bash", "sh", "git"));
  private final Services services = new Services();
  private final GitLabHooks hooks =
      new GitLabHooks(
          new GitLabHooks.Settings(
              "gl-main",
              SampleRunner.gitlab("https://gitlab.example", Map.of()),
              1,
              Path.of("/tools"),
              "0.1.0",
              log::add),
          services);
  private final BlockingQueue<List<String>> started = new LinkedBlockingQueue<>();
  private volatile OptionalInt probeEnds = OptionalInt.of(0);
  private volatile OptionalInt scriptEnds = OptionalInt.of(0);
  private List<String> undecided = List.of();
  private boolean posixOnly;
  private List<String> entrypoint = List.of();
  private @Nullable SampleSandbox sandbox;
  private @Nullable Outcome without;

  private final class Services implements GitLabFront.JobServices {
    @Override
    public Policy policyFor(Job job) {
      return Policy.DEFAULT;
    }

    @Override
    public List<String> undecided(Job job) {
      return undecided;
    }

    @Override
    public JobSession start(JobRequest request, Consumer<String> lines) {
      lines.accept("a line of the sandbox's");
      Outcome none = without;
      return none == null
          ? SampleSession.in(made().sandbox(), request, lines)
          : SampleSession.without(none, request, lines);
    }

    @Override
    public String report(JobResult result, Redaction redaction) {
      reports.add(result);
      return "job " + result.outcome();
    }
  }

  private SampleSandbox made() {
    try {
      SampleSandbox its =
          SampleSandbox.of(
              Policy.DEFAULT,
              new ImageFacts(
                  "sha256:" + "a".repeat(64),
                  List.of("PATH=/usr/bin:/opt/bin"),
                  "",
                  Set.of(),
                  new ImageFacts.Start(entrypoint, List.of(), List.of())),
              this::program);
      sandbox = its;
      return its;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private OptionalInt program(List<String> arguments) {
    started.add(arguments);
    String program = arguments.getFirst();
    if (!installed.contains(program)) {
      return OptionalInt.of(SampleSandbox.MISSING);
    }
    if (arguments.size() > 1) {
      return posixOnly && arguments.getLast().startsWith("test ") ? OptionalInt.of(1) : probeEnds;
    }
    return scriptEnds;
  }

  private SampleSandbox sandbox() {
    SampleSandbox its = sandbox;
    if (its == null) {
      throw new AssertionError("no sandbox was asked for");
    }
    return its;
  }

  private HookExit call(JobControl control, String response, String name, String... arguments) {
    return hooks.handle(
        new HookCall(
            name,
            List.of(arguments),
            Map.of("TMPDIR", TMPDIR.getBytes(StandardCharsets.UTF_8)),
            Optional.of(response.getBytes(StandardCharsets.UTF_8)),
            "exit 3\n".getBytes(StandardCharsets.UTF_8)),
        new JobStreams(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream(),
            messages::add),
        control);
  }

  private HookExit prepare(String more) {
    return call(new JobControl(), "{\"id\":10" + more + "}", "prepare");
  }

  private HookExit run(String stage) {
    return run(new JobControl(), stage);
  }

  private HookExit run(JobControl control, String stage) {
    return call(control, "", "run", "/script", stage);
  }

  /** Cleans up, and waits until the sandbox is destroyed, which the hook does not. */
  private HookExit cleanUp() {
    HookExit exit = call(new JobControl(), "", "cleanup");
    try {
      hooks.awaitEnds(0);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return exit;
  }

  /** Prepares a job, and forgets what that said and ran. */
  private void prepared(String more, int probes) throws InterruptedException {
    assertThat(prepare(more)).isEqualTo(SUCCESS);
    for (int i = 0; i < probes; i++) {
      sandbox().awaitStart();
    }
    messages.clear();
  }

  @Test
  void saysWhatTheSandboxIsOnceItIsReady() throws Exception {
    assertThat(prepare("")).isEqualTo(SUCCESS);
    assertThat(messages)
        .containsExactly(
            "a line of the sandbox's",
            "sandbox abcdefgh-7 is ready: image mayfly-base (sha256:aaaaaaaaaaaa), policy default, 2"
                + " cpus, 4GiB, at most 2h, egress https");
    assertThat(sandbox().awaitStart().arguments()).containsExactly("bash", "-c", ":");
    assertThat(hooks.count()).isEqualTo(1);
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(hooks.count()).isZero();
  }

  @Test
  void saysThatNobodyKnowsWhetherTheRefIsProtected() {
    undecided = List.of("deploy", "release");
    assertThat(prepare("")).isEqualTo(SUCCESS);
    assertThat(messages)
        .contains(
            "nobody says whether the ref is protected, which policies deploy, release asks for: the"
                + " job has policy default (GitLab and gitlab-runner say it from 18.3 on)");
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(reports.getFirst().findings())
        .containsExactly(
            new Finding(
                "match.unknown",
                Finding.Severity.LOW,
                Optional.empty(),
                Finding.Reaction.AUDIT,
                "gitlab",
                "policies deploy, release",
                "to have match.protected of these decided, use GitLab and gitlab-runner 18.3 or later;"
                    + " or match by project, ref and job alone",
                1));
  }

  @Test
  void runsStagesInTheShellThatThereIs() throws Exception {
    installed.remove("bash");
    prepared("", 2);
    assertThat(run("get_sources")).isEqualTo(SUCCESS);
    assertThat(sandbox().awaitStart().arguments()).containsExactly("sh");
  }

  @Test
  void refusesImagesWhoseShellDoesNotReadTheScripts() {
    installed.remove("bash");
    posixOnly = true;
    assertThat(prepare("")).isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages)
        .contains(
            "image mayfly-base has neither bash nor a shell that reads GitLab's scripts as bash does:"
                + " use an image with bash, or set the variable FF_POSIXLY_CORRECT_ESCAPES: \"true\""
                + " if it has sh (with gitlab-runner 14.9 or later)");
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(reports).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "1"})
  void takesAnyShellForScriptsThatAreWrittenForIt(String value) throws Exception {
    installed.remove("bash");
    posixOnly = true;
    prepared(
        ",\"variables\":[{\"key\":\"FF_POSIXLY_CORRECT_ESCAPES\",\"value\":\"" + value + "\"}]", 3);
    assertThat(run("build_script")).isEqualTo(SUCCESS);
    assertThat(sandbox().awaitStart().arguments()).containsExactly("sh");
  }

  @Test
  void knowsWhatIsWorthAnotherTryFromWhatIsNot() {
    without = new Outcome.Refused("the engine does not answer; start it", true);
    assertThat(prepare("")).isEqualTo(new HookExit.SystemFailed());
    without = new Outcome.Refused("there is no such image; name another", false);
    assertThat(prepare("")).isEqualTo(new HookExit.JobFailed(1));
    without = new Outcome.Failed("PID 1 ended");
    assertThat(prepare("")).isEqualTo(new HookExit.SystemFailed());
    without = new Outcome.Cancelled(SIGTERM);
    assertThat(prepare("")).isEqualTo(new HookExit.SystemFailed());
    without = new Outcome.Stopped(SampleResult.FINDING);
    assertThat(prepare("")).isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages.stream().filter(line -> !line.startsWith("a line")))
        .containsExactly(
            "refused: the engine does not answer; start it",
            "refused: there is no such image; name another",
            "PID 1 ended",
            "stopped: net.metadata");
    assertThat(hooks.count()).isEqualTo(1);
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(reports).hasSize(5);
  }

  @Test
  void passesTheScriptsExitCodeOn() throws Exception {
    prepared("", 1);
    scriptEnds = OptionalInt.of(3);
    assertThat(run("build_script")).isEqualTo(new HookExit.JobFailed(3));
    SampleSandbox.Started started = sandbox().awaitStart();
    assertThat(started.arguments()).containsExactly("bash");
    assertThat(started.environment()).contains("PATH=/usr/bin:/opt/bin:/.mayfly");
    scriptEnds = OptionalInt.of(0);
    assertThat(run("after_script")).isEqualTo(SUCCESS);
    assertThat(run("unknown_stage")).isEqualTo(SUCCESS);
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().outcome()).isEqualTo(new Outcome.Exited(3));
    assertThat(log).containsExactly("job Exited[code=3]");
  }

  @Test
  void doesNotCountAFailureOfTheScriptAfterwards() throws Exception {
    prepared("", 1);
    assertThat(run("build_script")).isEqualTo(SUCCESS);
    scriptEnds = OptionalInt.of(1);
    assertThat(run("after_script")).isEqualTo(new HookExit.JobFailed(1));
    cleanUp();
    assertThat(reports.getFirst().outcome()).isEqualTo(new Outcome.Exited(0));
  }

  @Test
  void runsTheJobsOwnStagesByWayOfTheImagesEntrypoint() throws Exception {
    entrypoint = List.of("/entry", "--");
    installed.add("/entry");
    prepared("", 1);
    for (String stage : List.of("build_script", "after_script", "step_release")) {
      assertThat(run(stage)).isEqualTo(SUCCESS);
      assertThat(sandbox().awaitStart().arguments()).containsExactly("/entry", "--", "bash");
    }
    for (String stage : List.of("get_sources", "upload_artifacts_on_success", "x_step_y")) {
      assertThat(run(stage)).isEqualTo(SUCCESS);
      assertThat(sandbox().awaitStart().arguments()).containsExactly("bash");
    }
  }

  @Test
  void runsThemByWayOfTheEntrypointThatTheJobNamesInstead() throws Exception {
    entrypoint = List.of("/entry");
    prepared(",\"image\":{\"name\":\"mayfly-base\",\"entrypoint\":[\"\"]}", 1);
    assertThat(run("build_script")).isEqualTo(SUCCESS);
    assertThat(sandbox().awaitStart().arguments()).containsExactly("bash");
  }

  @Test
  void explainsAnEntrypointThatFindsNoCommand() throws Exception {
    entrypoint = List.of("/entry", "--");
    installed.add("/entry");
    prepared("", 1);
    installed.remove("/entry");
    assertThat(run("build_script")).isEqualTo(new HookExit.JobFailed(127));
    assertThat(messages)
        .endsWith(
            "the script was run by way of the image's entrypoint, /entry --; where that is no"
                + " shell's, set image: {entrypoint: [\"\"]} in the job");
  }

  @Test
  void saysThatAnImageHasNoGit() throws Exception {
    prepared("", 1);
    scriptEnds = OptionalInt.of(1);
    assertThat(run("get_sources")).isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages).isEmpty();
    installed.remove("git");
    assertThat(run("get_sources")).isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages)
        .containsExactly(
            "the image has no git, which is needed to get the sources: use an image with git, or set"
                + " the variable GIT_STRATEGY: none");
  }

  @Test
  void tellsAJobWhoseScriptHeedsTheRunnersSignalAsCancelledToo() throws Exception {
    prepared("", 1);
    JobControl control = new JobControl();
    Steered.by(
        control,
        FakeInit.connect().spawn(OutputStream.nullOutputStream(), OutputStream.nullOutputStream()));
    control.signal(SIGTERM);
    scriptEnds = OptionalInt.of(0);
    assertThat(run(control, "build_script")).isEqualTo(SUCCESS);
    assertThat(run("cleanup_file_variables")).isEqualTo(SUCCESS);
    cleanUp();
    assertThat(reports.getFirst().outcome()).isEqualTo(new Outcome.Cancelled(SIGTERM));
  }

  @Test
  void runsTheScriptAfterwardsOfAJobThatWasCancelled() throws Exception {
    prepared("", 1);
    scriptEnds = OptionalInt.empty();
    JobControl control = new JobControl();
    CompletableFuture<HookExit> running =
        CompletableFuture.supplyAsync(
            () -> run(control, "build_script"), Thread::startVirtualThread);
    sandbox().awaitStart();
    control.cancel(SIGTERM);
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(new HookExit.JobFailed(143));
    scriptEnds = OptionalInt.of(0);
    assertThat(run("after_script")).isEqualTo(SUCCESS);
    assertThat(run("cleanup_file_variables")).isEqualTo(SUCCESS);
    assertThat(messages)
        .endsWith(
            "job cancelled by signal 15, 1 finding: net.metadata; report: mayfly report abcdefgh-7");
    cleanUp();
    assertThat(reports.getFirst().outcome()).isEqualTo(new Outcome.Cancelled(SIGTERM));
  }

  @Test
  void endsWhatStillRunsWhenItIsCleanedUp() throws Exception {
    prepared("", 1);
    scriptEnds = OptionalInt.empty();
    JobControl control = new JobControl();
    CompletableFuture<HookExit> running =
        CompletableFuture.supplyAsync(
            () -> run(control, "build_script"), Thread::startVirtualThread);
    sandbox().awaitStart();
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(reports).hasSize(1);
    control.cancel(SIGTERM);
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(new HookExit.JobFailed(143));
    assertThat(run("after_script")).isEqualTo(new HookExit.SystemFailed());
  }

  @Test
  void endsEveryJobThatNobodyWillCleanUp() throws Exception {
    prepared("", 1);
    hooks.endAll();
    assertThat(hooks.count()).isZero();
    assertThat(reports.getFirst().outcome()).isEqualTo(new Outcome.Cancelled(SIGTERM));
    hooks.endAll();
    assertThat(reports).hasSize(1);
  }

  @Test
  void saysWhyTheSandboxIsGone() throws Exception {
    without = new Outcome.TimedOut();
    assertThat(prepare("")).isEqualTo(new HookExit.SystemFailed());
    messages.clear();
    assertThat(run("build_script")).isEqualTo(new HookExit.JobFailed(1));
    assertThat(messages)
        .containsExactly(
            "the sandbox is gone: it reached the lifetime of 2h that policy default gives; raise"
                + " limits.lifetime if it needs longer");
  }

  @Test
  void endsTheJobWhoseHookIsCancelledWhileItIsPrepared() throws Exception {
    probeEnds = OptionalInt.empty();
    JobControl control = new JobControl();
    CompletableFuture<HookExit> preparing =
        CompletableFuture.supplyAsync(
            () -> call(control, "{\"id\":10}", "prepare"), Thread::startVirtualThread);
    assertThat(started.take()).containsExactly("bash", "-c", ":");
    control.cancel(SIGTERM);
    assertThat(preparing.get(30, TimeUnit.SECONDS)).isEqualTo(new HookExit.SystemFailed());
    assertThat(messages).containsExactly("a line of the sandbox's");
    assertThat(hooks.count()).isZero();
    cleanUp();
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().outcome()).isEqualTo(new Outcome.Cancelled(SIGTERM));
  }

  /** Its runner called the cleanup when there was no job yet, and does not call it again. */
  @Test
  void keepsNoJobWhoseHookWasKilledBeforeThereWasOne() throws Exception {
    JobControl control = new JobControl();
    control.cancel(SIGTERM);
    assertThat(call(control, "{\"id\":10}", "prepare")).isEqualTo(new HookExit.SystemFailed());

    assertThat(hooks.count()).isZero();
    hooks.awaitEnds(0);
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().outcome()).isEqualTo(new Outcome.Cancelled(SIGTERM));
    assertThat(started).isEmpty();
    assertThat(cleanUp()).isEqualTo(SUCCESS);
    assertThat(reports).hasSize(1);
  }
}
