package dev.mayfly.runner.gitlab;

import dev.mayfly.hook.HookExit;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Redaction;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.supervisor.CommandRequest;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
import dev.mayfly.supervisor.JobStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One job of GitLab's in its sandbox, from its preparation to its end. */
final class GitLabJob {
  /** The stages that run what the job itself says, in the image as it is meant to be started. */
  private static final String OWN_STAGES = "build_script|after_script|step_.*";

  /** The last stage that a runner calls whatever happened before. */
  private static final String LAST_STAGE = "cleanup_file_variables";

  private static final Outcome SUCCEEDED = new Outcome.Exited(0);
  private static final String GET_SOURCES = "get_sources";
  private static final int NOT_FOUND = 127;
  private static final String TOOLS_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final JobResponse response;
  private final Policy policy;
  private final JobSession session;
  private final JobLog log;
  private final JobSecrets secrets;
  private final Redaction redaction;
  private final ReentrantLock lock = new ReentrantLock();
  private Shell shell = Shell.BASH;
  private Outcome outcome = SUCCEEDED;
  private @Nullable JobResult result;

  /**
   * @param redaction what its report may not have
   */
  GitLabJob(
      JobResponse response,
      Policy policy,
      JobSession session,
      JobLog log,
      JobSecrets secrets,
      Redaction redaction) {
    this.response = response;
    this.policy = policy;
    this.session = session;
    this.log = log;
    this.secrets = secrets;
    this.redaction = redaction;
    session.handedOut(secrets.use());
    secrets.findings().forEach(session::found);
  }

  Redaction redaction() {
    return redaction;
  }

  /**
   * Waits for the sandbox, and looks for what runs scripts in it.
   *
   * @param control ends the job, too, when its hook is
   */
  HookExit prepare(JobStreams streams, JobControl control) throws InterruptedException {
    var _ = control.cancelled().thenAccept(session::cancel);
    try (JobLog.Open _ = log.openTo(streams.messages())) {
      Optional<Sandbox> sandbox = session.awaitSandbox();
      if (sandbox.isEmpty()) {
        return refused(end(), streams);
      }
      Probed probed = shell(control);
      if (probed.ended()) {
        return refused(end(), streams);
      }
      Optional<Shell> found = probed.shell();
      if (found.isEmpty()) {
        streams.messages().accept(withoutShell(sandbox.get()));
        return new HookExit.JobFailed(1);
      }
      shell = found.get();
      streams.messages().accept(ready(sandbox.get()));
      secrets.lines().forEach(streams.messages());
      return new HookExit.Success();
    }
  }

  private static HookExit refused(JobResult ended, JobStreams streams) {
    return switch (ended.outcome()) {
      case Outcome.Refused refused -> {
        streams.messages().accept("refused: " + refused.reason());
        yield refused.passing() ? new HookExit.SystemFailed() : new HookExit.JobFailed(1);
      }
      case Outcome.Failed failed -> {
        streams.messages().accept(failed.reason());
        yield new HookExit.SystemFailed();
      }
      case Outcome.Cancelled _ -> new HookExit.SystemFailed();
      case Outcome.Stopped stopped -> {
        streams.messages().accept("stopped: " + stopped.finding().rule());
        yield new HookExit.JobFailed(1);
      }
      case Outcome.TimedOut _, Outcome.Exited _ -> new HookExit.SystemFailed();
    };
  }

  /**
   * What was found to run scripts with.
   *
   * @param ended whether the job ended before that was known
   */
  private record Probed(Optional<Shell> shell, boolean ended) {}

  private Probed shell(JobControl control) {
    boolean any =
        response.variable(Shell.POSIX_SCRIPTS).filter(Set.of("true", "1")::contains).isPresent();
    for (Shell one : Shell.values()) {
      if (one != Shell.POSIX_SH || any) {
        Outcome seen = probe(one.probe(), control);
        if (seen.equals(SUCCEEDED)) {
          return new Probed(Optional.of(one), false);
        }
        if (!(seen instanceof Outcome.Exited)) {
          note("probe", seen);
          return new Probed(Optional.empty(), true);
        }
      }
    }
    return new Probed(Optional.empty(), false);
  }

  private Outcome probe(List<String> command, JobControl control) {
    JobControl own = new JobControl();
    var _ = control.cancelled().thenAccept(own::cancel);
    JobStreams silent =
        new JobStreams(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream(),
            _ -> {});
    return session.command("probe", request(command), silent, own);
  }

  private CommandRequest request(List<String> command) {
    return new CommandRequest(command.stream().map(JobResponse::bytes).toList(), environment());
  }

  /** The image's own PATH, with Mayfly's tools behind it. */
  private List<byte[]> environment() {
    String path =
        session.imageEnvironment().stream()
            .filter(variable -> variable.startsWith("PATH="))
            .reduce((_, last) -> last)
            .orElse(TOOLS_PATH);
    return List.of(JobResponse.bytes(path + ":" + SandboxPlanner.TOOLS));
  }

  private String withoutShell(Sandbox sandbox) {
    return "image "
        + sandbox.plan().policy().image()
        + " has neither bash nor a shell that reads GitLab's scripts as bash does: use an image with"
        + " bash, or set the variable "
        + Shell.POSIX_SCRIPTS
        + ": \"true\" if it has sh (with gitlab-runner 14.9 or later)";
  }

  private String ready(Sandbox sandbox) {
    String digest = sandbox.plan().image().id();
    return "sandbox "
        + sandbox.plan().id()
        + " is ready: image "
        + sandbox.plan().policy().image()
        + " ("
        + digest.substring(0, Math.min(digest.length(), 19))
        + "), policy "
        + policy.name()
        + ", "
        + policy.limits().cpus().stripTrailingZeros().toPlainString()
        + " cpus, "
        + policy.limits().memory()
        + ", at most "
        + Durations.show(policy.limits().lifetime())
        + ", egress "
        + policy.egress().mode().word();
  }

  /** Runs a stage's script. */
  HookExit run(String stage, JobStreams streams, JobControl control) {
    try (JobLog.Open _ = log.openTo(streams.messages())) {
      if (session.isOver()) {
        return gone(streams);
      }
      CommandRequest request = request(command(stage));
      JobStreams scoped;
      try {
        scoped = secrets.scoped(streams);
      } catch (IOException e) {
        note(stage, new Outcome.Refused(String.valueOf(e.getMessage())));
        streams.messages().accept("stage " + stage + " is refused: " + e.getMessage());
        return new HookExit.JobFailed(1);
      }
      Outcome ended = session.command("stage " + stage, request, scoped, control);
      note(stage, asTheRunnerSeesIt(ended, control));
      explain(stage, ended, streams, control);
      if (stage.equals(LAST_STAGE)) {
        streams.messages().accept(summary());
      }
      return exit(ended, streams);
    }
  }

  private List<String> command(String stage) {
    List<String> command = new ArrayList<>();
    if (stage.matches(OWN_STAGES)) {
      command.addAll(
          response
              .image()
              .flatMap(JobResponse.Image::entrypoint)
              .orElseGet(session::imageEntrypoint));
      command.removeIf(String::isEmpty);
    }
    command.add(shell.program());
    return command;
  }

  private HookExit gone(JobStreams streams) {
    try {
      streams.messages().accept("the sandbox is gone: " + how(end().outcome()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new HookExit.JobFailed(1);
  }

  /** A runner that ends a stage does not care how its script takes that. */
  private static Outcome asTheRunnerSeesIt(Outcome ended, JobControl control) {
    return ended instanceof Outcome.Exited
        ? control.signalled().<Outcome>map(Outcome.Cancelled::new).orElse(ended)
        : ended;
  }

  /** The job ended as the first of its stages did that did not end well. */
  private void note(String stage, Outcome ended) {
    lock.lock();
    try {
      boolean well = outcome.equals(SUCCEEDED);
      if (well && !stage.equals("after_script")) {
        outcome = ended;
      }
    } finally {
      lock.unlock();
    }
  }

  private void explain(String stage, Outcome ended, JobStreams streams, JobControl control) {
    if (stage.equals(GET_SOURCES)
        && ended instanceof Outcome.Exited exited
        && exited.code() != 0
        && control.cancelled().getNow(null) == null
        && probe(List.of("git", "--version"), control) instanceof Outcome.Exited git
        && git.code() != 0) {
      streams
          .messages()
          .accept(
              "the image has no git, which is needed to get the sources: use an image with git, or"
                  + " set the variable GIT_STRATEGY: none");
    }
    if (ended instanceof Outcome.Exited exited
        && exited.code() == NOT_FOUND
        && stage.matches(OWN_STAGES)
        && response.image().flatMap(JobResponse.Image::entrypoint).isEmpty()
        && !session.imageEntrypoint().isEmpty()) {
      streams
          .messages()
          .accept(
              "the script was run by way of the image's entrypoint, "
                  + String.join(" ", session.imageEntrypoint())
                  + "; where that is no shell's, set image: {entrypoint: [\"\"]} in the job");
    }
  }

  private HookExit exit(Outcome ended, JobStreams streams) {
    return switch (ended) {
      case Outcome.Exited exited ->
          exited.code() == 0 ? new HookExit.Success() : new HookExit.JobFailed(exited.code());
      case Outcome.Cancelled cancelled -> new HookExit.JobFailed(128 + cancelled.signal());
      case Outcome.Stopped _, Outcome.TimedOut _ -> {
        streams.messages().accept("the job was ended: " + how(ended));
        yield new HookExit.JobFailed(1);
      }
      case Outcome.Refused refused -> {
        streams.messages().accept("refused: " + refused.reason());
        yield new HookExit.SystemFailed();
      }
      case Outcome.Failed failed -> {
        streams.messages().accept(failed.reason());
        yield new HookExit.SystemFailed();
      }
    };
  }

  private String how(Outcome ended) {
    return switch (ended) {
      case Outcome.Exited exited -> "exited with " + exited.code();
      case Outcome.Cancelled cancelled -> "cancelled by signal " + cancelled.signal();
      case Outcome.Stopped stopped ->
          "stopped by " + stopped.finding().rule() + "; " + stopped.finding().remedy();
      case Outcome.TimedOut _ ->
          "it reached the lifetime of "
              + Durations.show(policy.limits().lifetime())
              + " that policy "
              + policy.name()
              + " gives; raise limits.lifetime if it needs longer";
      case Outcome.Refused refused -> refused.reason();
      case Outcome.Failed failed -> failed.reason();
    };
  }

  private String summary() {
    List<Finding> findings = session.findings();
    return "job "
        + how(outcome)
        + ", "
        + (findings.isEmpty() ? "no findings" : counted(findings))
        + "; report: mayfly report "
        + session.sandboxId().map(Object::toString).orElse("");
  }

  private static String counted(List<Finding> findings) {
    return findings.size()
        + (findings.size() == 1 ? " finding: " : " findings: ")
        + String.join(", ", findings.stream().map(Finding::rule).distinct().limit(5).toList());
  }

  private JobResult end() throws InterruptedException {
    lock.lock();
    try {
      JobResult known = result;
      if (known == null) {
        known = session.finish(outcome);
        result = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the job, whatever still runs of it, and waits until nothing of it does. */
  void stop() throws InterruptedException {
    session.stop(outcome);
  }

  /**
   * Waits until its sandbox is destroyed.
   *
   * @param report writes it down; called once
   */
  void cleanUp(Consumer<JobResult> report) throws InterruptedException {
    report.accept(end());
  }

  /** Ends it because nobody will call its cleanup. */
  void abandon(int signal) {
    note("runner", new Outcome.Cancelled(signal));
    session.cancel(signal);
  }
}
