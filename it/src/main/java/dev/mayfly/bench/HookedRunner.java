package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.job.Job;
import dev.mayfly.job.Redaction;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.policy.Policy;
import dev.mayfly.runner.gitlab.GitLabFront;
import dev.mayfly.runner.gitlab.RunnerAccounts;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
import dev.mayfly.supervisor.SupervisorClaim;
import dev.mayfly.supervisor.WarmSandboxes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One of a configuration's runners, in this process. Its program never asks for jobs: its hooks are
 * called here, in the way that gitlab-runner calls them.
 */
final class HookedRunner implements JobWay, AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(5);

  /** All that Mayfly takes from a job that has no sources. */
  private static final String RESPONSE =
      """
      {"id": 1, "token": "glcbt-64_0123456789abcdef",
       "job_info": {"id": 1, "name": "empty", "stage": "test", "project_id": 1,
                    "project_name": "empty", "project_full_path": "acme/empty"},
       "git_info": {"repo_url": "http://gitlab-ci-token:a-token@127.0.0.1:9/acme/empty.git",
                    "ref": "main", "ref_type": "branch", "protected": false,
                    "sha": "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
       "runner_info": {"timeout": 3600}, "variables": [], "steps": []}
      """;

  private final RunnerConfig runner;
  private final Path hook;
  private final Path scratch;
  private final WarmSandboxes warm;
  private final BlockingQueue<JobResult> ended = new ArrayBlockingQueue<>(1);
  private final GitLabFront front;

  /**
   * Starts it.
   *
   * @param home Mayfly's own directory
   * @param scratch a directory of the benchmark's own
   */
  HookedRunner(RunnerConfig runner, MayflyConfig settings, Host host, Path home, Path scratch)
      throws IOException {
    this.runner = runner;
    this.hook = home.resolve("bin").resolve("mayfly-hook");
    this.scratch = Files.createDirectories(scratch.resolve(runner.name()));
    this.warm = new WarmSandboxes(host.supervisor(), runner.warm());
    this.front =
        GitLabFront.start(
            runner,
            RunnerAccounts.of(settings.runners(), runner),
            new GitLabFront.Host(
                settings.stateDir(),
                SupervisorClaim.RUN_DIRECTORY,
                hook,
                home.resolve("libexec"),
                Cgroups.detect(),
                "0",
                System.err::println),
            new Services(settings, warm, ended));
  }

  private record Services(MayflyConfig settings, WarmSandboxes warm, BlockingQueue<JobResult> ended)
      implements GitLabFront.JobServices {
    @Override
    public Policy policyFor(Job job) {
      return settings.policyFor(job, Policy.DEFAULT_NAME);
    }

    @Override
    public List<String> undecided(Job job) {
      return List.of();
    }

    @Override
    public JobSession start(JobRequest request, Consumer<String> messages) {
      return warm.session(request, messages);
    }

    @Override
    public String report(JobResult result, Redaction redaction) {
      ended.add(result);
      return "job ended";
    }
  }

  @Override
  public Calls run(Stages stages, OutputStream log) throws IOException, InterruptedException {
    awaitWarm();
    Path directory = Files.createTempDirectory(scratch, "custom-executor");
    Path response = Files.writeString(directory.resolve("response.json"), RESPONSE);
    Calls calls = new Calls();
    calls.take("config", () -> call(directory, response, log, "config"));
    calls.take(Calls.PREPARE, () -> call(directory, response, log, Calls.PREPARE));
    for (Map.Entry<String, Path> stage : stages.scripts().entrySet()) {
      calls.take(
          stage.getKey(),
          () -> call(directory, response, log, "run", stage.getValue().toString(), stage.getKey()));
    }
    calls.take(Calls.CLEANUP, () -> call(directory, response, log, Calls.CLEANUP));
    JobResult result = ended.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    calls.gone();
    if (result == null || !result.teardown().verified()) {
      throw new IOException("the job left something, or did not end: " + result);
    }
    Files.delete(response);
    Files.delete(directory);
    return calls;
  }

  /** A call of a hook that concerns no job. */
  ProcessBuilder config() {
    return program(scratch, scratch.resolve("none"), "config");
  }

  private void call(Path directory, Path response, OutputStream output, String... arguments)
      throws IOException, InterruptedException {
    Programs.run(program(directory, response, arguments), output);
  }

  private ProcessBuilder program(Path directory, Path response, String... arguments) {
    String socket = "/run/mayfly/runners/" + runner.name() + ".sock";
    List<String> command = new ArrayList<>(List.of(hook.toString(), "--socket", socket));
    Collections.addAll(command, arguments);
    ProcessBuilder program = new ProcessBuilder(command);
    Map<String, String> environment = program.environment();
    environment.put("TMPDIR", directory.toString());
    environment.put("BUILD_FAILURE_EXIT_CODE", "1");
    environment.put("SYSTEM_FAILURE_EXIT_CODE", "2");
    environment.put("BUILD_EXIT_CODE_FILE", directory.resolve("build_exit_code").toString());
    environment.put("JOB_RESPONSE_FILE", response.toString());
    return program.directory(directory.toFile());
  }

  /** The first job of a kind finds none that was made for it. */
  private void awaitWarm() throws IOException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (warm.ready() < warm.made()) {
      if (System.nanoTime() > end) {
        throw new IOException("no sandbox is ready for the next job after " + LIMIT);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  @Override
  public void close() throws IOException {
    front.hurry();
    front.close();
    warm.close();
  }
}
