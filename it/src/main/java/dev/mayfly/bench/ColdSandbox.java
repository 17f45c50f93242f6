package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Span;
import dev.mayfly.supervisor.CommandRequest;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A job of one command in a supervisor that runs already, its sandbox made when it comes. */
final class ColdSandbox implements Probe {
  private final Host host;
  private final List<List<Span>> timelines = new ArrayList<>();

  ColdSandbox(Host host) {
    this.host = host;
  }

  /** Where the time of each run went. */
  List<List<Span>> timelines() {
    return List.copyOf(timelines);
  }

  @Override
  public Sample take() throws IOException {
    List<String> messages = new ArrayList<>();
    Output output = new Output();
    JobResult result =
        host.supervisor()
            .run(
                new JobRequest(
                    Job.local(new JobId("benchmark")), Benchmark.WITHOUT_NETWORK, Optional.empty()),
                new CommandRequest(
                    Arrays.stream(Output.COMMAND)
                        .map(s -> s.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                    List.of()),
                new JobStreams(InputStream.nullInputStream(), output, new Output(), messages::add),
                new JobControl());
    Sample sample = output.sample(result.exitCode() == 0 ? Output.EXPECTED : "");
    if (result.exitCode() != 0) {
      throw new IOException(
          result.outcome() + ", left: " + result.teardown().leftovers() + " " + messages);
    }
    timelines.add(result.timeline());
    return sample;
  }
}
