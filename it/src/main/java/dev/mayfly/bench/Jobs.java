package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.engine.EngineException;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Span;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.MonitorMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.CommandRequest;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs jobs, each with a supervisor and a sandbox of its own. A supervisor of a job that is not
 * watched has nothing of the monitor loaded: what is in the kernel costs whoever runs beside, too.
 */
final class Jobs {
  private final MayflyConfig config;
  private final Path home;

  /**
   * @param home Mayfly's own directory
   */
  Jobs(MayflyConfig config, Path home) {
    this.config = config;
    this.home = home;
  }

  /**
   * Something that a job does.
   *
   * @param script of bash, silent on standard output
   */
  record Work(
      String name, String script, Optional<ImageReference> image, Optional<Path> workspace) {
    static Work of(String name, String script) {
      return new Work(name, script, Optional.empty(), Optional.empty());
    }
  }

  /** What came of it. */
  record Ran(Marks.Between between, List<Span> timeline, SandboxActivity activity) {
    Ran {
      timeline = List.copyOf(timeline);
    }

    Duration span(String name) {
      return timeline.stream()
          .filter(one -> one.name().equals(name))
          .map(Span::duration)
          .reduce(Duration.ZERO, Duration::plus);
    }

    long events() {
      return activity.events().values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** Opens a supervisor, as for jobs of this mode. */
  Host open(MonitorMode mode) throws EngineException, IOException {
    return Host.open(
        new MayflyConfig(
            config.engine(),
            config.stateDir(),
            config.reportDir(),
            config.network(),
            config.egressGroups(),
            config.detectionsDir(),
            List.of(policy(mode)),
            List.of()),
        home,
        List.of());
  }

  Ran run(Work work, MonitorMode mode) throws EngineException, IOException {
    return run(work, mode, _ -> {});
  }

  /**
   * Runs a job.
   *
   * @param log gets Mayfly's lines for the job's log as they come
   * @throws IOException where the work failed, or not all of it was seen that was to be
   */
  Ran run(Work work, MonitorMode mode, Consumer<String> log) throws EngineException, IOException {
    Marks marks = new Marks();
    Output said = new Output();
    List<String> messages = new ArrayList<>();
    try (Host host = open(mode)) {
      JobResult result =
          host.supervisor()
              .run(
                  new JobRequest(Job.local(new JobId("benchmark")), policy(mode), work.image()),
                  new CommandRequest(
                      List.of(bytes("bash"), bytes("-c"), bytes(Marks.around(work.script()))),
                      List.of(),
                      work.workspace(),
                      Optional.empty()),
                  new JobStreams(
                      InputStream.nullInputStream(),
                      marks,
                      said,
                      line -> {
                        messages.add(line);
                        log.accept(line);
                      }),
                  new JobControl());
      if (result.exitCode() != 0 || !result.activity().losses().isEmpty()) {
        throw new IOException(
            "%s: %s, lost: %s %s %s"
                .formatted(
                    work.name(),
                    result.outcome(),
                    result.activity().losses(),
                    messages,
                    said.text()));
      }
      return new Ran(marks.between(), result.timeline(), result.activity());
    }
  }

  private static Policy policy(MonitorMode mode) {
    Policy some = Benchmark.WITHOUT_NETWORK;
    return new Policy(
        some.name(),
        some.image(),
        some.requireDigest(),
        some.pull(),
        some.identity(),
        some.readOnlyRoot(),
        some.seccompKnobs(),
        some.limits(),
        some.egress(),
        Optional.of(mode),
        some.match(),
        some.onFinding());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
