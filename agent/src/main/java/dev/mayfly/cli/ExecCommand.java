package dev.mayfly.cli;

import dev.mayfly.config.ConfigException;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.engine.EngineException;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Printable;
import dev.mayfly.linux.SyscallException;
import dev.mayfly.linux.Terminal;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.report.Report;
import dev.mayfly.report.ReportMaker;
import dev.mayfly.report.Reports;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import dev.mayfly.supervisor.Reaper;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs one command in a sandbox of its own. */
@Command(
    name = "exec",
    description = {
      "Runs a command in a fresh sandbox, destroys the sandbox and checks that nothing of it is left.",
      "",
      "Exits with the command's own code (126, 127, 128+n as a shell does), or with one of Mayfly's own:",
      "122 stopped by a reaction, 123 something could not be destroyed, 124 lifetime reached,",
      "125 refused or failed for a reason outside the command, 78 the configuration is wrong."
    },
    mixinStandardHelpOptions = true)
final class ExecCommand implements Callable<Integer> {
  @Mixin private ConfigOption configOption = new ConfigOption();

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      defaultValue = Policy.DEFAULT_NAME,
      description = "The policy in force (${DEFAULT-VALUE}).")
  private String policyName = Policy.DEFAULT_NAME;

  @Option(names = "--image", paramLabel = "IMAGE", description = "Instead of the policy's image.")
  private @Nullable String image;

  @Option(
      names = "--workspace",
      paramLabel = "DIR",
      description = "Copied in as the working directory, /workspace; without it that is empty.")
  private @Nullable Path workspace;

  @Option(
      names = "--keep-workspace",
      paramLabel = "DIR",
      description = "Where /workspace is copied to before the sandbox is destroyed.")
  private @Nullable Path keepWorkspace;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME=VALUE",
      description = "A variable for the command; NAME alone passes this one's own on.")
  private List<String> variables = List.of();

  @Option(
      names = "--report-dir",
      paramLabel = "DIR",
      description = "Where the report is written, instead of the configuration's report-dir.")
  private @Nullable Path reportDirectory;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "1..*",
      description = "The command and its arguments, after --.")
  private List<String> command = List.of();

  @Override
  public Integer call() throws ConfigException {
    MayflyConfig config = configOption.read();
    try {
      JobRequest request = request(config);
      Reports reports = new Reports(reportDirectory != null ? reportDirectory : config.reportDir());
      reports.prepare();
      try (Host host = Host.open(config, Host.home(), List.of())) {
        reap(host.reaper());
        return run(host, request, reports);
      }
    } catch (UsageException | EngineException | IOException e) {
      say(String.valueOf(e.getMessage()));
      return JobResult.REFUSED;
    }
  }

  private static void reap(Reaper reaper) throws IOException, EngineException {
    for (Reaper.Reaped stray : reaper.sweep()) {
      say(
          stray.teardown().verified()
              ? "sandbox " + stray.id() + ", left by a supervisor that died, was destroyed"
              : "sandbox "
                  + stray.id()
                  + ", left by a supervisor that died, could not be destroyed: "
                  + String.join(", ", stray.teardown().leftovers()));
    }
  }

  private static int run(Host host, JobRequest request, Reports reports) throws IOException {
    JobControl control = new JobControl();
    JobResult result;
    try (Signals _ = Signals.forwardTo(control);
        Terminal.Raw _ = request.terminal().isPresent() ? Terminal.raw() : () -> {}) {
      result =
          host.supervisor()
              .run(
                  request,
                  new JobStreams(
                      new FileInputStream(FileDescriptor.in),
                      new FileOutputStream(FileDescriptor.out),
                      new FileOutputStream(FileDescriptor.err),
                      ExecCommand::say),
                  control);
    }
    Report report = new ReportMaker(MayflyVersion.text()).report(result);
    tell(report, result);
    try {
      reports.write(report);
    } catch (IOException e) {
      say("the report could not be written: " + e.getMessage());
      return result.outcome() instanceof Outcome.Exited ? JobResult.REFUSED : result.exitCode();
    }
    return result.exitCode();
  }

  private static void tell(Report report, JobResult result) {
    String reason = report.outcome().reason();
    if (reason != null) {
      say(report.outcome().kind() + ": " + reason);
    }
    result
        .memoryKills()
        .filter(kills -> kills > 0)
        .ifPresent(
            kills ->
                say(
                    kills
                        + " process(es) were killed because the job reached its memory limit of "
                        + result.policy().limits().memory()
                        + "; raise limits.memory in policy "
                        + result.policy().name()
                        + " if it needs more"));
    if (!result.teardown().verified()) {
      say(
          "NOT CLEAN: the sandbox could not be destroyed wholly, left behind: "
              + String.join(", ", result.teardown().leftovers())
              + "; the next start of Mayfly tries again");
    }
  }

  static void say(String line) {
    System.err.println("mayfly: " + Printable.escaped(line));
  }

  /** What is wrong with the command line itself, in a line. */
  private static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  private JobRequest request(MayflyConfig config) throws UsageException, IOException {
    Optional<ImageReference> named;
    try {
      named = Optional.ofNullable(image).map(ImageReference::parse);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    return new JobRequest(
        Job.local(new JobId("exec-" + ProcessHandle.current().pid())),
        policy(config),
        named,
        RawArguments.last(command),
        environment(),
        Optional.ofNullable(directory(workspace, "--workspace")),
        Optional.ofNullable(keepTarget()),
        terminal());
  }

  private Policy policy(MayflyConfig config) throws UsageException {
    try {
      return config.policy(policyName);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage() + "; name one of them with --policy");
    }
  }

  private static @Nullable Path directory(@Nullable Path path, String option)
      throws UsageException {
    if (path != null && !Files.isDirectory(path)) {
      throw new UsageException(option + " " + path + " is not a directory; name one that exists");
    }
    return path;
  }

  private @Nullable Path keepTarget() throws UsageException {
    Path target = keepWorkspace;
    if (target != null && !Files.exists(target)) {
      try {
        Files.createDirectory(target);
      } catch (IOException e) {
        throw new UsageException(
            "--keep-workspace "
                + target
                + " can't be made; name a directory below one that exists and can be written");
      }
    }
    return directory(target, "--keep-workspace");
  }

  private List<byte[]> environment() throws UsageException {
    List<byte[]> environment = new ArrayList<>();
    for (String variable : variables) {
      int equals = variable.indexOf('=');
      if (equals == 0) {
        throw new UsageException(
            "-e " + Printable.escaped(variable) + " has no name; write -e NAME=VALUE");
      }
      if (equals > 0) {
        environment.add(RawArguments.bytes(variable));
      } else {
        String value = System.getenv(variable);
        if (value != null) {
          environment.add(RawArguments.bytes(variable + "=" + value));
        }
      }
    }
    if (Terminal.present()) {
      environment.addFirst(
          RawArguments.bytes("TERM=" + Objects.requireNonNullElse(System.getenv("TERM"), "xterm")));
    }
    return environment;
  }

  private static Optional<JobRequest.TerminalSize> terminal() throws SyscallException {
    if (!Terminal.present()) {
      return Optional.empty();
    }
    Terminal.Size size = Terminal.size();
    return Optional.of(new JobRequest.TerminalSize(size.rows(), size.columns()));
  }
}
