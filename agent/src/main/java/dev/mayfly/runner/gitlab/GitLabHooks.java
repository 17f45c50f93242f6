package dev.mayfly.runner.gitlab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mayfly.hook.HookCall;
import dev.mayfly.hook.HookExit;
import dev.mayfly.hook.HookHandler;
import dev.mayfly.job.Job;
import dev.mayfly.policy.Policy;
import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.ServerHosts;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobSession;
import dev.mayfly.supervisor.JobStreams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** What the custom executor's hooks ask for, and the jobs that are under way. */
final class GitLabHooks implements HookHandler {
  private static final int SIGTERM = 15;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * With this before its name, the hook has every variable that scripts have. Jobs set most of
   * them, so none is believed: they tell what is to be kept from a job, not what it is.
   */
  private static final String VARIABLES = "CUSTOM_ENV_";

  private final Settings settings;
  private final GitLabFront.JobServices services;
  private final Queue<Thread> ending = new ConcurrentLinkedQueue<>();
  private final Map<String, GitLabJob> jobs = new ConcurrentHashMap<>();

  /**
   * What jobs of a runner have in common.
   *
   * @param tools directory of the host that sandboxes see as tools
   */
  record Settings(
      String runner,
      GitLabConfig gitlab,
      int slots,
      Path tools,
      String mayflyVersion,
      Consumer<String> log) {}

  GitLabHooks(Settings settings, GitLabFront.JobServices services) {
    this.settings = settings;
    this.services = services;
  }

  @Override
  public HookExit handle(HookCall call, JobStreams streams, JobControl control) {
    try {
      return switch (call.name()) {
        case "config" -> config(streams);
        case "prepare" -> prepare(call, streams, control);
        case "run" -> run(call, streams, control);
        case "cleanup" -> cleanUp(call);
        default -> {
          streams
              .messages()
              .accept("there is no call " + call.name() + ": config.toml is not Mayfly's");
          yield new HookExit.SystemFailed();
        }
      };
    } catch (IOException e) {
      streams.messages().accept(String.valueOf(e.getMessage()));
      return new HookExit.SystemFailed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new HookExit.SystemFailed();
    }
  }

  private HookExit config(JobStreams streams) throws IOException {
    Map<String, Object> driver = new LinkedHashMap<>();
    driver.put("name", "mayfly");
    driver.put("version", settings.mayflyVersion());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("driver", driver);
    answer.put("hostname", settings.runner());
    answer.put("builds_dir", RunnerToml.BUILDS);
    answer.put("cache_dir", RunnerToml.CACHE);
    answer.put("builds_dir_is_shared", false);
    answer.put("shell", "bash");
    streams.stdout().write(json(answer).getBytes(StandardCharsets.UTF_8));
    return new HookExit.Success();
  }

  private static String json(Map<String, Object> answer) {
    try {
      return JSON.writeValueAsString(answer);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private HookExit prepare(HookCall call, JobStreams streams, JobControl control)
      throws IOException, InterruptedException {
    awaitEnds(settings.slots());
    JobResponse response = response(call);
    Policy policy = services.policyFor(response.job());
    JobSecrets secrets = new JobSecrets(response, policy, Instant.now());
    DockerLogins logins =
        RegistryLogins.of(response, secrets, settings.runner(), settings.gitlab());
    logins.trouble().forEach(streams.messages());
    JobRequest request;
    try {
      request = request(response, policy, secrets, logins);
    } catch (IllegalArgumentException e) {
      streams.messages().accept("refused: " + e.getMessage());
      return new HookExit.JobFailed(1);
    }
    JobLog log = new JobLog();
    JobSession session = services.start(request, log::add);
    tellUndecided(response.job(), policy, session, log);
    GitLabJob job =
        new GitLabJob(
            response, request.policy(), session, log, secrets, response.redaction(logins));
    GitLabJob before = jobs.put(key(call), job);
    if (before != null) {
      end(before);
    }
    if (endedIfCancelled(call, job, control)) {
      return new HookExit.SystemFailed();
    }
    HookExit exit = job.prepare(streams, control);
    var _ = endedIfCancelled(call, job, control);
    return exit;
  }

  /**
   * Ends a job whose hook was cancelled or is gone: its cleanup may have been called already, when
   * there was no such job yet, and is not called again.
   */
  private boolean endedIfCancelled(HookCall call, GitLabJob job, JobControl control)
      throws InterruptedException {
    Optional<Integer> signal = Optional.ofNullable(control.cancelled().getNow(null));
    if (signal.isEmpty()) {
      return false;
    }
    if (jobs.remove(key(call), job)) {
      job.abandon(signal.get());
      end(job);
    }
    return true;
  }

  private JobRequest request(
      JobResponse response, Policy policy, JobSecrets secrets, DockerLogins logins) {
    JobRequests asked = new JobRequests(response, policy, secrets);
    return new JobRequest(
        response.job(),
        withServer(policy, response),
        asked.image(),
        asked.pulls(),
        logins.all(),
        Optional.of(settings.tools()),
        asked.services(),
        Duration.ZERO,
        Optional.empty(),
        Optional.empty());
  }

  private void tellUndecided(Job its, Policy policy, JobSession session, JobLog log) {
    List<String> undecided = services.undecided(its);
    if (!undecided.isEmpty()) {
      UnknownProtection unknown = new UnknownProtection(policy, undecided);
      session.found(unknown.finding());
      log.add(unknown.line());
    }
  }

  private JobResponse response(HookCall call) throws IOException {
    return JobResponse.parse(
        call.response()
            .orElseThrow(
                () ->
                    new IOException(
                        "gitlab-runner passes on no JOB_RESPONSE_FILE, by which jobs get their"
                            + " policies: use gitlab-runner 14.8 or later")),
        settings.gitlab().url(),
        secret -> call.variable(VARIABLES + secret));
  }

  private Policy withServer(Policy policy, JobResponse response) {
    return switch (policy.egress().mode()) {
      case NONE -> policy;
      case HTTPS, ALLOWLIST, AUDIT ->
          policy.withEgress(
              policy.egress().withServer(ServerHosts.of(settings.gitlab(), response.cloneUrl())));
    };
  }

  private HookExit run(HookCall call, JobStreams streams, JobControl control) {
    String stage = call.arguments().size() > 1 ? call.arguments().get(1) : "unnamed";
    GitLabJob job = jobs.get(key(call));
    if (job == null) {
      streams
          .messages()
          .accept(
              "there is no sandbox for stage "
                  + stage
                  + ": Mayfly was started again since, and destroyed it; start the job again");
      return new HookExit.SystemFailed();
    }
    return job.run(stage, streams, control);
  }

  private HookExit cleanUp(HookCall call) throws InterruptedException {
    GitLabJob job = jobs.remove(key(call));
    if (job != null) {
      end(job);
    }
    return new HookExit.Success();
  }

  /**
   * Ends a job. Its runner goes on when nothing of it runs any more, and its sandbox is destroyed
   * meanwhile.
   */
  private void end(GitLabJob job) throws InterruptedException {
    job.stop();
    ending.add(Thread.ofVirtual().name("end of a job").start(() -> cleanUp(job)));
  }

  private void cleanUp(GitLabJob job) {
    try {
      job.cleanUp(result -> settings.log().accept(services.report(result, job.redaction())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      settings.log().accept("a job could not be ended as it should: " + e);
    }
  }

  /** Waits while more sandboxes are being destroyed than there are slots. */
  void awaitEnds(int most) throws InterruptedException {
    ending.removeIf(thread -> !thread.isAlive());
    while (ending.size() > most) {
      Thread oldest = ending.poll();
      if (oldest != null) {
        oldest.join();
      }
    }
  }

  /** A runner makes a directory for each try of a job, and calls all hooks of it there. */
  private static String key(HookCall call) {
    return call.variable("TMPDIR").orElse("");
  }

  /** How many jobs are under way. */
  int count() {
    return jobs.size();
  }

  /** Ends every job, as nobody will call for their cleanup. */
  void endAll() throws InterruptedException {
    List<Map.Entry<String, GitLabJob>> left = List.copyOf(jobs.entrySet());
    left.forEach(entry -> entry.getValue().abandon(SIGTERM));
    for (Map.Entry<String, GitLabJob> entry : left) {
      if (jobs.remove(entry.getKey(), entry.getValue())) {
        end(entry.getValue());
      }
    }
    awaitEnds(0);
  }
}
