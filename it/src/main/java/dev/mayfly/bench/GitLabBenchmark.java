package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.supervisor.Scope;
import dev.mayfly.supervisor.SupervisorClaim;
import dev.mayfly.yaml.ConfigException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Compares jobs of GitLab's in sandboxes with the same scripts in a container that is made by hand.
 * Started by {@code packaging/benchmark --gitlab}.
 */
@Command(name = "gitlab-benchmark")
final class GitLabBenchmark implements Callable<Integer> {
  private static final int WARM_UPS = 3;
  private static final int LOG_BYTES = 128 << 20;
  private static final int CALLS_OF_A_ROUND = 10;
  private static final double NANOS_OF_MICRO = 1000;

  /** The configuration has the runners cold and warm. */
  @Mixin private final HostOptions options = new HostOptions();

  @Option(names = "--docker", required = true, description = "The docker program.")
  private Path docker = Path.of("");

  @Option(names = "--starts", required = true, description = "starts.c of the benchmark, compiled.")
  private Path starts = Path.of("");

  private final Map<String, List<Calls>> jobs = new LinkedHashMap<>();
  private final Map<String, Readings> logs = new LinkedHashMap<>();
  private final List<Duration> hooks = new ArrayList<>();
  private final List<Duration> programs = new ArrayList<>();

  private GitLabBenchmark() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new GitLabBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws ConfigException, IOException, EngineException, InterruptedException {
    MayflyConfig settings = options.settings();
    try (Host host = Host.open(settings, options.home(), List.of());
        Engine engine = DockerEngine.connect(Host.socket(settings.engine()));
        SupervisorClaim claim =
            SupervisorClaim.make(
                new Scope(
                    Host.socket(settings.engine()).toRealPath(),
                    settings.stateDir().resolve("sandboxes").toRealPath()))) {
      EngineFacts facts = engine.facts();
      String machine = Machine.describe(facts);
      try (Docker client =
              new Docker(
                  Host.socket(settings.engine()),
                  Benchmark.plan(settings, options.home(), facts, engine, claim).container(),
                  options.scratch());
          HookedRunner cold = runner("cold", settings, host);
          HookedRunner warm = runner("warm", settings, host)) {
        Map<String, JobWay> ways = new LinkedHashMap<>();
        ways.put(GitLabResults.BY_HAND, new ByHand(client, docker));
        ways.put(GitLabResults.COLD, cold);
        ways.put(GitLabResults.WARM, warm);
        measure(ways, warm);
      }
      GitLabResults results = new GitLabResults(options.rounds(), jobs, hooks, programs, logs);
      Files.writeString(options.result(), machine + "\n" + results.text());
    }
    return 0;
  }

  private HookedRunner runner(String name, MayflyConfig settings, Host host) throws IOException {
    RunnerConfig runner =
        settings.runners().stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IOException("the configuration has no runner " + name));
    return new HookedRunner(runner, settings, host, options.home(), options.scratch());
  }

  /** Each round takes every way once with everything, in an order of its own. */
  private void measure(Map<String, JobWay> ways, HookedRunner calls)
      throws IOException, EngineException, InterruptedException {
    Stages empty = Stages.of(options.scratch().resolve("empty"), "true");
    Stages printing =
        Stages.of(options.scratch().resolve("printing"), "head -c " + LOG_BYTES + " /dev/zero");
    Random random = new Random(1);
    List<String> order = new ArrayList<>(ways.keySet());
    for (int round = -WARM_UPS; round < options.rounds(); round++) {
      Collections.shuffle(order, random);
      for (String name : order) {
        JobWay way = Objects.requireNonNull(ways.get(name));
        Calls job = way.run(empty, OutputStream.nullOutputStream());
        double rate = name.equals(GitLabResults.COLD) ? 0 : logged(way, printing);
        if (round >= 0) {
          jobs.computeIfAbsent(name, _ -> new ArrayList<>()).add(job);
          logs.computeIfAbsent(name, _ -> new Readings()).add(rate);
        }
      }
      if (round >= 0) {
        hooks.addAll(started(calls.config()));
        programs.addAll(started(new ProcessBuilder("/bin/true")));
      }
      System.err.printf("round %d of %d%n", round + 1, options.rounds());
    }
  }

  /** In megabytes a second. */
  private static double logged(JobWay way, Stages printing)
      throws IOException, EngineException, InterruptedException {
    Counted log = new Counted();
    Duration took = Objects.requireNonNull(way.run(printing, log).took().get(Stages.OWN));
    if (log.bytes < LOG_BYTES) {
      throw new IOException("of " + LOG_BYTES + " bytes of log came " + log.bytes);
    }
    return LOG_BYTES / (took.toNanos() / NANOS_OF_MICRO);
  }

  /** How long each of several runs of a program took, started as gitlab-runner starts one. */
  private List<Duration> started(ProcessBuilder program) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(starts.toString(), Integer.toString(CALLS_OF_A_ROUND)));
    command.addAll(program.command());
    ByteArrayOutputStream micros = new ByteArrayOutputStream();
    Programs.run(program.command(command), micros);
    return micros
        .toString(StandardCharsets.UTF_8)
        .lines()
        .map(line -> Duration.of(Long.parseLong(line), ChronoUnit.MICROS))
        .toList();
  }

  private static final class Counted extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      bytes += length;
    }
  }
}
