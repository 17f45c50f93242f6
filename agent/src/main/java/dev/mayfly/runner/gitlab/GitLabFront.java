package dev.mayfly.runner.gitlab;

import dev.mayfly.hook.HookServer;
import dev.mayfly.job.Job;
import dev.mayfly.job.Redaction;
import dev.mayfly.linux.Account;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.Policy;
import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
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

  /** What gitlab-runner has beside its own limit to end after SIGTERM. */
  private static final Duration STOP_ROOM = Duration.ofSeconds(25);

  /** Of gitlab-runner's own, and for the hooks of a slot. */
  private static final int PROCESSES = 4096;

  private static final int PROCESSES_OF_A_SLOT = 16;

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
      RunnerProcess process,
      Cgroups cgroups,
      Consumer<String> log) {
    this.runner = runner;
    this.home = home;
    this.hooks = hooks;
    this.server = server;
    this.process = process;
    this.cgroups = cgroups;
    this.log = log;
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
   * @param account whom it runs as
   * @throws IOException with cause and remedy, and nothing is left then
   */
  public static GitLabFront start(
      RunnerConfig runner, Account account, Host host, JobServices services) throws IOException {
    Consumer<String> log = line -> host.log.accept("runner=" + runner.name() + " " + line);
    RunnerHome home =
        new RunnerHome(runner, account, host.runDirectory.resolve("runners"), host.stateDir);
    var _ = home.secrets();
    requireLogins(runner);
    RunnerSteps.Renewal renewal =
        () -> RunnerTools.copy(runner.gitlab().binary(), host.tools, home.kept().resolve("tools"));
    try {
      home.prepare();
      RunnerTools tools = renewal.copy();
      Path program = program(runner, tools, account);
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
        RunnerSteps.Programs programs =
            new RunnerSteps.Programs(renewal, home.reachable(host.hook), tools.digest());
        GitLabFront front =
            new GitLabFront(
                runner,
                home,
                hooks,
                server,
                process(
                    runner,
                    host,
                    new RunnerCommand(
                        program, home.directory(), home.config(), home.temporary(), account),
                    home.output(),
                    new RunnerSteps(home, programs, hooks, log)),
                host.cgroups,
                log);
        front.process.start();
        log.accept(started(runner, tools, account));
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

  /**
   * What is executed: the copy that jobs see, or the program itself where only that is reached. Of
   * the copy alone it is certain that it has the digest that the configuration may ask for.
   */
  private static Path program(RunnerConfig runner, RunnerTools tools, Account account)
      throws IOException {
    if (runner.gitlab().binary().digest().isPresent()) {
      RunnerTools.requireReachable(tools.runner(), account);
    }
    if (RunnerTools.isReachable(tools.runner(), account)) {
      return tools.runner();
    }
    Path installed = runner.gitlab().binary().path();
    RunnerTools.requireReachable(installed, account);
    return installed;
  }

  private static RunnerProcess process(
      RunnerConfig runner, Host host, RunnerCommand command, Path output, RunnerSteps steps) {
    return new RunnerProcess(
        new RunnerProcess.Program(
            runner.name(),
            command,
            output,
            PROCESSES + (long) PROCESSES_OF_A_SLOT * runner.slots()),
        host.cgroups.at(CGROUP_ROOT + "/" + runner.name()),
        steps,
        RunnerProcess.Times.USUAL);
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

  /** They are read again for each job: the operator may change them. */
  private static void requireLogins(RunnerConfig runner) throws IOException {
    var _ = RegistryLogins.ofOperator(runner.name(), runner.gitlab().registryAuthFile());
  }

  /**
   * Why a runner could not be started on this host, with the remedy; empty where nothing is known
   * against it. Changes nothing.
   *
   * @param account whom it would run as
   */
  public static Optional<String> objection(RunnerConfig runner, Account account, Path stateDir) {
    try {
      RunnerTools.requireProgram(runner.gitlab().binary().path());
      boolean copy =
          runner.gitlab().binary().digest().isPresent()
              || RunnerTools.isReachable(stateDir, account);
      RunnerTools.requireReachable(copy ? stateDir : runner.gitlab().binary().path(), account);
      requireLogins(runner);
      var _ = new RunnerHome(runner, account, RunnerHome.RUN, stateDir).secrets();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** From SIGTERM to the end of a runner that has given its jobs their grace. */
  static Duration stopLimit(GitLabConfig.Times times) {
    return RunnerToml.shutdownLimit(times).plus(STOP_ROOM);
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
      if (!process.awaitEnd(stopLimit(runner.gitlab().times()), NEVER)) {
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
      if (process.isGone()) {
        home.leave();
      } else {
        log.accept("something of the runner still runs, so " + home.directory() + " stays");
      }
      cgroups.at(CGROUP_ROOT).remove();
    }
  }
}
