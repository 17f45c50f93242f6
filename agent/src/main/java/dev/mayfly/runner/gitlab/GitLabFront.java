package dev.mayfly.runner.gitlab;

import dev.mayfly.hook.HookServer;
import dev.mayfly.job.Job;
import dev.mayfly.job.Redaction;
import dev.mayfly.linux.Account;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.Policy;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
import dev.mayfly.supervisor.SupervisorClaim;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A runner of GitLab's: gitlab-runner, its hooks, and the jobs that it takes. */
public final class GitLabFront implements AutoCloseable {
  /** The cgroup above those of all runners. */
  public static final String CGROUP_ROOT = "/mayfly-runners";

  private static final String USUAL_ACCOUNT = "gitlab-runner";

  /** From SIGTERM to the end of a runner that has given its jobs their grace. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

  private static final CompletableFuture<Void> NEVER = new CompletableFuture<>();
  private static final Duration KILL_LIMIT = Duration.ofSeconds(15);

  private final RunnerConfig runner;
  private final RunnerHome home;
  private final GitLabHooks hooks;
  private final HookServer server;
  private final RunnerProcess process;
  private final Cgroups cgroups;
  private final Consumer<String> log;
  private final CompletableFuture<Void> hurried = new CompletableFuture<>();

  private GitLabFront(
      RunnerConfig runner,
      RunnerHome home,
      GitLabHooks hooks,
      HookServer server,
      Host host,
      Consumer<String> log)
      throws IOException {
    this.runner = runner;
    this.home = home;
    this.hooks = hooks;
    this.server = server;
    this.cgroups = host.cgroups;
    this.log = log;
    Path hook = home.reachable(host.hook);
    home.fill(hook);
    this.process =
        new RunnerProcess(
            new RunnerProcess.Program(
                runner.name(),
                runner.gitlab().binary().path(),
                home.directory(),
                home.config(),
                home.temporary(),
                home.account(),
                home.secrets()),
            cgroups.at(CGROUP_ROOT + "/" + runner.name()),
            new Steps(home, hook, hooks, log));
  }

  /**
   * What a front is made with.
   *
   * @param runDirectory of the supervisors of this host
   * @param hook the program that gitlab-runner is to call
   * @param tools directory with Mayfly's own tools for sandboxes
   * @param log takes lines for the supervisor's log
   */
  public record Host(
      Path stateDir,
      Path runDirectory,
      Path hook,
      Path tools,
      Cgroups cgroups,
      String mayflyVersion,
      Consumer<String> log) {}

  /**
   * Starts gitlab-runner.
   *
   * @throws IOException with cause and remedy, and nothing is left then
   */
  public static GitLabFront start(RunnerConfig runner, Host host, JobServices services)
      throws IOException {
    Consumer<String> log = line -> host.log.accept("runner=" + runner.name() + " " + line);
    RunnerHome home = new RunnerHome(runner, account(runner), host.stateDir, host.runDirectory);
    requirePrograms(runner, home.account());
    requireLogins(runner);
    try {
      home.prepare();
      RunnerTools tools =
          RunnerTools.copy(runner.gitlab().binary(), host.tools, home.kept().resolve("tools"));
      GitLabHooks hooks =
          new GitLabHooks(
              new GitLabHooks.Settings(
                  runner.name(),
                  runner.gitlab(),
                  runner.slots(),
                  tools.directory(),
                  host.mayflyVersion,
                  log),
              services);
      HookServer server = serve(runner, home, host, hooks, log);
      try {
        GitLabFront front = new GitLabFront(runner, home, hooks, server, host, log);
        front.process.start();
        log.accept(started(runner, tools, home.account()));
        return front;
      } catch (IOException | RuntimeException e) {
        try (server) {
          home.removeOwn();
        } catch (IOException further) {
          e.addSuppressed(further);
        }
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      home.leavePlace();
      throw e;
    }
  }

  /** From then on, the runner's directory is this supervisor's: no other can serve its hooks. */
  private static HookServer serve(
      RunnerConfig runner, RunnerHome home, Host host, GitLabHooks hooks, Consumer<String> log)
      throws IOException {
    return HookServer.start(
        home.socket(),
        home.account().gid(),
        new HookServer.Service(
            hooks,
            home.users(),
            HookServer.Bounds.of(runner.slots()),
            runner.gitlab().times().stopGrace(),
            host.mayflyVersion,
            log));
  }

  private static String started(RunnerConfig runner, RunnerTools tools, Account account) {
    return "gitlab-runner "
        + tools.digest().substring(0, 19)
        + " asks "
        + runner.gitlab().url()
        + " for jobs, as user "
        + account.name()
        + ", "
        + runner.slots()
        + " at once";
  }

  /** What jobs are run with. */
  public interface JobServices {
    /** The policy for a job. */
    Policy policyFor(Job job);

    /** The names of policies of which it is not known whether a job should have had them. */
    List<String> undecided(Job job);

    /** Begins a job. */
    JobSession start(JobRequest request, Consumer<String> messages);

    /**
     * Writes a job's report, and gives a line that tells how the job ended.
     *
     * @param redaction what neither may have
     */
    String report(JobResult result, Redaction redaction);
  }

  private static void requirePrograms(RunnerConfig runner, Account account) throws IOException {
    RunnerTools.requireProgram(runner.gitlab().binary().path());
    RunnerTools.requireReachable(runner.gitlab().binary().path(), account);
  }

  /** They are read again for each job: the operator may change them. */
  private static void requireLogins(RunnerConfig runner) throws IOException {
    var _ = RegistryLogins.ofOperator(runner.name(), runner.gitlab().registryAuthFile());
  }

  /**
   * Why a runner could not be started on this host, with the remedy; empty where nothing is known
   * against it. Changes nothing.
   */
  public static Optional<String> objection(RunnerConfig runner, Path stateDir) {
    try {
      Account account = account(runner);
      requirePrograms(runner, account);
      requireLogins(runner);
      var _ = new RunnerHome(runner, account, stateDir, SupervisorClaim.RUN_DIRECTORY).secrets();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Account account(RunnerConfig runner) throws IOException {
    if (runner.gitlab().user().isPresent()) {
      String name = runner.gitlab().user().get();
      return Account.named(name)
          .orElseThrow(
              () ->
                  new IOException(
                      "there is no account "
                          + name
                          + " for runner "
                          + runner.name()
                          + ": make it with useradd --system "
                          + name
                          + ", or leave gitlab.user out"));
    }
    return Account.named(USUAL_ACCOUNT)
        .orElseGet(() -> Account.without("mayfly runner " + runner.name()));
  }

  /** What surrounds each run of gitlab-runner; the directory of the first is filled already. */
  private static final class Steps implements RunnerProcess.Steps {
    private final RunnerHome home;
    private final Path hook;
    private final GitLabHooks hooks;
    private final Consumer<String> out;
    private boolean filled = true;

    Steps(RunnerHome home, Path hook, GitLabHooks hooks, Consumer<String> out) {
      this.home = home;
      this.hook = hook;
      this.hooks = hooks;
      this.out = out;
    }

    @Override
    public void beforeStart() throws IOException {
      if (!filled) {
        home.fill(hook);
      }
      filled = false;
    }

    @Override
    public void afterEnd() throws IOException {
      try {
        home.keep();
        hooks.endAll();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        home.removeDirectory();
      }
    }

    @Override
    public void log(String line) {
      out.accept(line);
    }
  }

  /** Takes no more jobs, and returns at once. */
  public void drain() {
    if (hooks.count() > 0) {
      log.accept(
          hooks.count()
              + " jobs still run and may go on for "
              + Durations.show(runner.gitlab().times().drain())
              + "; a second signal ends them");
    }
    process.drain();
  }

  /** Does not wait for jobs any longer. */
  public void hurry() {
    hurried.complete(null);
  }

  /** Waits for the jobs as long as the configuration says, then ends them, and gives all back. */
  @Override
  public void close() throws IOException {
    try {
      if (!hurried.isDone()) {
        process.drain();
      }
      process.awaitEnd(runner.gitlab().times().drain(), hurried);
      process.stop();
      if (!process.awaitEnd(STOP_LIMIT, NEVER)) {
        process.kill();
        if (!process.awaitEnd(KILL_LIMIT, NEVER)) {
          log.accept("gitlab-runner does not end, not even when it is killed");
        }
      }
      hooks.endAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      server.close();
      home.leave();
      cgroups.at(CGROUP_ROOT).remove();
    }
  }
}
