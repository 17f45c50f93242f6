package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.control.ControlClient;
import dev.mayfly.control.ControlServer;
import dev.mayfly.control.ExecRequest;
import dev.mayfly.engine.EngineException;
import dev.mayfly.job.Printable;
import dev.mayfly.linux.SyscallException;
import dev.mayfly.linux.Terminal;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import dev.mayfly.supervisor.Steering;
import dev.mayfly.yaml.ConfigException;
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
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = JobResult.REFUSED,
    exitCodeOnExecutionException = JobResult.REFUSED)
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

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "Where to write what the sandbox is seen to do, to try detections on.")
  private @Nullable Path record;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "1..*",
      description = "The command and its arguments, after --.")
  private List<String> command = List.of();

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = {
        "Of the supervisor to ask. Without it, and without --config, the one that listens on",
        "/run/mayfly/mayfly.sock is asked; where there is none, this command is its own supervisor."
      })
  private @Nullable Path socket;

  @Override
  public Integer call() throws ConfigException {
    try {
      ExecRequest request = request();
      Optional<ControlClient> supervisor = supervisor();
      if (supervisor.isPresent()) {
        try (ControlClient client = supervisor.get()) {
          return steered(client, request, streams -> client.exec(request, streams));
        }
      }
      return hosted(request);
    } catch (UsageException | EngineException | IOException e) {
      say(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      say("interrupted");
    }
    return JobResult.REFUSED;
  }

  private Optional<ControlClient> supervisor() throws IOException {
    Path named = socket;
    if (named == null) {
      return configOption.isExplicit()
          ? Optional.empty()
          : ControlClient.connect(ControlServer.DEFAULT_SOCKET);
    }
    Optional<ControlClient> client = ControlClient.connect(named);
    if (client.isEmpty()) {
      throw new IOException(
          "no supervisor listens on " + named + "; start one with mayfly run --socket " + named);
    }
    return client;
  }

  /** Runs the job with a supervisor of its own. */
  private int hosted(ExecRequest request)
      throws ConfigException, EngineException, IOException, InterruptedException {
    MayflyConfig config = configOption.read();
    ExecService.Asked asked = ExecService.understood(request, config);
    try (Host host = Host.open(config, Host.home(), List.of(), Host.Jobs.ONE)) {
      Reaping.sweep(host.reaper(), ExecCommand::say);
      ExecService service = new ExecService(config, host.supervisor(), _ -> {});
      JobControl control = new JobControl();
      return steered(control, request, streams -> service.run(asked, streams, control));
    }
  }

  /** Runs a job. */
  private interface Running {
    int with(JobStreams streams) throws IOException, InterruptedException;
  }

  private static int steered(Steering steering, ExecRequest request, Running job)
      throws IOException, InterruptedException {
    try (Signals _ = Signals.forwardTo(steering);
        Terminal.Raw _ = request.terminal() != null ? Terminal.raw() : () -> {}) {
      return job.with(
          new JobStreams(
              new FileInputStream(FileDescriptor.in),
              new FileOutputStream(FileDescriptor.out),
              new FileOutputStream(FileDescriptor.err),
              request.terminal() != null ? ExecCommand::sayInRawTerminal : ExecCommand::say));
    }
  }

  /** A raw terminal takes a newline for a step down only. */
  private static void sayInRawTerminal(String line) {
    System.err.print("\rmayfly: " + shown(line) + "\r\n");
    System.err.flush();
  }

  static void say(String line) {
    System.err.println("mayfly: " + shown(line));
  }

  /** Yellow where it says what a job was refused or what was found, and a person may look at it. */
  private static String shown(String line) {
    String text = Printable.escaped(line);
    return (line.startsWith("refused ") || line.startsWith("finding "))
            && Terminal.showsErrors()
            && System.getenv("NO_COLOR") == null
        ? "\u001b[33m" + text + "\u001b[0m"
        : text;
  }

  /** What is wrong with the command line itself, in a line. */
  private static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  private ExecRequest request() throws UsageException, IOException {
    return new ExecRequest(
        "exec-" + ProcessHandle.current().pid(),
        policyName,
        image,
        RawArguments.last(command),
        environment(),
        text(directory(workspace, "--workspace")),
        text(keepTarget()),
        text(reportDirectory),
        text(record),
        terminal());
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toAbsolutePath().toString();
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

  private List<byte[]> environment() throws UsageException, IOException {
    List<byte[]> environment = new ArrayList<>();
    for (String variable : variables) {
      int equals = variable.indexOf('=');
      if (equals == 0 || variable.isEmpty()) {
        throw new UsageException(
            "-e " + Printable.escaped(variable) + " has no name; write -e NAME=VALUE");
      }
      if (equals > 0) {
        environment.add(RawArguments.of(variable));
      } else {
        RawArguments.variable(variable).ifPresent(environment::add);
      }
    }
    if (Terminal.present()) {
      environment.addFirst(
          RawArguments.bytes("TERM=" + Objects.requireNonNullElse(System.getenv("TERM"), "xterm")));
    }
    return environment;
  }

  private static ExecRequest.@Nullable TerminalSize terminal() throws SyscallException {
    if (!Terminal.present()) {
      return null;
    }
    Terminal.Size size = Terminal.size();
    return new ExecRequest.TerminalSize(size.rows(), size.columns());
  }
}
