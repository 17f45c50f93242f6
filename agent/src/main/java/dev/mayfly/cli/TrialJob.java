package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.missing;
import static dev.mayfly.cli.Diagnosis.ok;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.engine.EngineException;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Outcome;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.CommandRequest;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A job that does nothing, through the whole path: what a check can't foresee, it meets. */
final class TrialJob {
  private static final String SUBJECT = "trial job";
  private static final byte[] COMMAND = "true".getBytes(StandardCharsets.UTF_8);

  private final MayflyConfig config;

  TrialJob(MayflyConfig config) {
    this.config = config;
  }

  Diagnosis run() {
    List<String> messages = new ArrayList<>();
    try (Host host = Host.open(config, Host.home(), List.of(), Host.Jobs.ONE)) {
      JobResult result =
          host.supervisor()
              .run(
                  new JobRequest(
                      Job.local(new JobId("check-" + ProcessHandle.current().pid())),
                      config.policy(Policy.DEFAULT_NAME),
                      Optional.empty()),
                  new CommandRequest(List.of(COMMAND), List.of()),
                  new JobStreams(
                      InputStream.nullInputStream(),
                      OutputStream.nullOutputStream(),
                      OutputStream.nullOutputStream(),
                      messages::add),
                  new JobControl());
      if (result.exitCode() == 0) {
        return ok(SUBJECT, "ran in " + seconds(result) + ", and nothing of it is left");
      }
      return failed(reason(result, messages));
    } catch (EngineException | IOException e) {
      return failed(String.valueOf(e.getMessage()));
    }
  }

  private static String seconds(JobResult result) {
    return result.timeline().stream()
        .filter(span -> span.name().equals("job"))
        .map(span -> String.format(Locale.ROOT, "%.1f s", span.duration().toMillis() / 1000.0))
        .findFirst()
        .orElse("no time");
  }

  private static String reason(JobResult result, List<String> messages) {
    if (!result.teardown().verified()) {
      return "left behind: " + String.join(", ", result.teardown().leftovers());
    }
    return switch (result.outcome()) {
      case Outcome.Refused refused -> refused.reason();
      case Outcome.Failed failed -> failed.reason();
      case Outcome other -> other + " " + String.join("; ", messages);
    };
  }

  private static Diagnosis failed(String found) {
    return missing(SUBJECT, found, "jobs meet the same", "do what the line above says");
  }
}
