package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.control.ExecHandler;
import dev.mayfly.control.ExecRequest;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Outcome;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.report.Report;
import dev.mayfly.report.ReportMaker;
import dev.mayfly.report.Reports;
import dev.mayfly.supervisor.CommandRequest;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import dev.mayfly.supervisor.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs what {@code mayfly exec} asks for, and writes its report. */
final class ExecService implements ExecHandler {
  private final MayflyConfig config;
  private final Supervisor supervisor;
  private final Consumer<String> log;

  /**
   * @param log takes a line for each job that ended
   */
  ExecService(MayflyConfig config, Supervisor supervisor, Consumer<String> log) {
    this.config = config;
    this.supervisor = supervisor;
    this.log = log;
  }

  /** What was asked for, as the configuration understands it. */
  record Asked(JobRequest job, CommandRequest command, Reports reports) {}

  /**
   * Looks whether a request can be met, before anything is started for it.
   *
   * @throws IOException with cause and remedy where it can't
   */
  static Asked understood(ExecRequest request, MayflyConfig config) throws IOException {
    Reports reports = new Reports(path(request.reportDir()).orElse(config.reportDir()));
    ExecRequest.TerminalSize terminal = request.terminal();
    JobRequest job =
        new JobRequest(
            Job.local(new JobId(request.job())),
            policy(request, config),
            image(request),
            writable(directory(request.keepWorkspace())),
            path(request.record()));
    CommandRequest command =
        new CommandRequest(
            request.arguments(),
            request.environment(),
            directory(request.workspace()),
            Optional.ofNullable(terminal)
                .map(size -> new CommandRequest.TerminalSize(size.rows(), size.columns())));
    reports.prepare();
    return new Asked(job, command, reports);
  }

  private static Policy policy(ExecRequest request, MayflyConfig config) throws IOException {
    try {
      return config.policy(request.policy());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage() + "; name one of them with --policy", e);
    }
  }

  private static Optional<ImageReference> image(ExecRequest request) throws IOException {
    try {
      return Optional.ofNullable(request.image()).map(ImageReference::parse);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Optional<Path> path(@Nullable String text) {
    return Optional.ofNullable(text).map(Path::of);
  }

  private static Optional<Path> directory(@Nullable String text) throws IOException {
    Optional<Path> directory = path(text);
    if (directory.isPresent() && !Files.isDirectory(directory.get())) {
      throw new IOException(
          directory.get() + " is no directory to this supervisor; name one that it sees, too");
    }
    return directory;
  }

  private static Optional<Path> writable(Optional<Path> directory) throws IOException {
    if (directory.isPresent() && !Files.isWritable(directory.get())) {
      throw new IOException(
          directory.get() + " can't be written by this supervisor; name a directory that can");
    }
    return directory;
  }

  @Override
  public int run(ExecRequest request, JobStreams streams, JobControl control) {
    try {
      return run(understood(request, config), streams, control);
    } catch (IOException | IllegalArgumentException e) {
      streams.messages().accept(String.valueOf(e.getMessage()));
      return JobResult.REFUSED;
    }
  }

  int run(Asked asked, JobStreams streams, JobControl control) {
    JobResult result = supervisor.run(asked.job(), asked.command(), streams, control);
    Report report = new ReportMaker(MayflyVersion.text()).report(result);
    JobWords.tell(report, result, streams.messages());
    log.accept(JobWords.logLine(report, result));
    try {
      asked.reports().write(report);
    } catch (IOException e) {
      streams
          .messages()
          .accept(
              "the report could not be written: "
                  + e.getMessage()
                  + "; make room there, or name another directory with --report-dir");
      return result.teardown().verified() && result.outcome() instanceof Outcome.Exited
          ? JobResult.REFUSED
          : result.exitCode();
    }
    return result.exitCode();
  }
}
