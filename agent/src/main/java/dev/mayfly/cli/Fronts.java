package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.job.Job;
import dev.mayfly.job.Redaction;
import dev.mayfly.linux.Account;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.policy.Policy;
import dev.mayfly.report.Report;
import dev.mayfly.report.ReportMaker;
import dev.mayfly.report.Reports;
import dev.mayfly.runner.gitlab.GitLabFront;
import dev.mayfly.runner.gitlab.RunnerAccounts;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
import dev.mayfly.supervisor.Supervisor;
import dev.mayfly.supervisor.SupervisorClaim;
import dev.mayfly.supervisor.WarmSandboxes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The runners of a configuration while the supervisor runs. */
final class Fronts implements AutoCloseable {
  private final List<GitLabFront> all = new ArrayList<>();
  private final List<WarmSandboxes> warm = new CopyOnWriteArrayList<>();
  private final Consumer<String> log;

  private Fronts(Consumer<String> log) {
    this.log = log;
  }

  /**
   * Starts every runner.
   *
   * @throws IOException where one can't be; those before it are ended then
   */
  static Fronts start(MayflyConfig config, Host host, Consumer<String> log) throws IOException {
    Fronts fronts = new Fronts(log);
    if (config.runners().isEmpty()) {
      return fronts;
    }
    Path hook = hook();
    Reports reports = new Reports(config.reportDir());
    Map<String, Account> accounts = RunnerAccounts.of(config.runners());
    try {
      for (RunnerConfig runner : config.runners()) {
        reports.prepare();
        fronts.all.add(
            GitLabFront.start(
                runner,
                Objects.requireNonNull(accounts.get(runner.name())),
                new GitLabFront.Host(
                    config.stateDir(),
                    SupervisorClaim.RUN_DIRECTORY,
                    hook,
                    Host.home().resolve("libexec"),
                    Cgroups.detect(),
                    MayflyVersion.text(),
                    log),
                new Services(config, runner, fronts.warm(host.supervisor(), runner), reports)));
      }
      return fronts;
    } catch (IOException e) {
      fronts.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The program that gitlab-runner calls. */
  static Path hook() throws IOException {
    Path hook = Host.home().resolve("bin").resolve("mayfly-hook");
    if (!Files.isExecutable(hook)) {
      throw new IOException(hook + " is missing; install or build Mayfly again");
    }
    return hook;
  }

  private WarmSandboxes warm(Supervisor supervisor, RunnerConfig runner) {
    WarmSandboxes sandboxes = new WarmSandboxes(supervisor, runner.warm());
    warm.add(sandboxes);
    return sandboxes;
  }

  /** What is to be done every minute. */
  void refresh() {
    warm.forEach(WarmSandboxes::refresh);
  }

  /** What a runner's jobs are run with. */
  private record Services(
      MayflyConfig config, RunnerConfig runner, WarmSandboxes warm, Reports reports)
      implements GitLabFront.JobServices {
    @Override
    public Policy policyFor(Job job) {
      return config.policyFor(job, runner.policy().orElse(Policy.DEFAULT_NAME));
    }

    @Override
    public List<String> undecided(Job job) {
      return config.undecided(job);
    }

    @Override
    public JobSession start(JobRequest request, Consumer<String> messages) {
      return warm.session(request, messages);
    }

    @Override
    public String report(JobResult result, Redaction redaction) {
      Report report = new ReportMaker(MayflyVersion.text()).report(result);
      String line = redaction.of(JobWords.logLine(report, result));
      try {
        reports.write(report, redaction);
        return line;
      } catch (IOException e) {
        return line + " REPORT LOST: " + e.getMessage();
      }
    }
  }

  /** Takes no more jobs. */
  void drain() {
    all.forEach(GitLabFront::drain);
  }

  /** Waits for no job any longer. */
  void hurry() {
    all.forEach(GitLabFront::hurry);
  }

  @Override
  public void close() {
    List<Thread> ending =
        all.stream().map(front -> Thread.ofVirtual().start(() -> end(front))).toList();
    try {
      for (Thread thread : ending) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      warm.forEach(WarmSandboxes::close);
    }
  }

  private void end(GitLabFront front) {
    try {
      front.close();
    } catch (IOException e) {
      log.accept("a runner could not be ended as it should: " + e.getMessage());
    }
  }
}
