package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.config.ConfigParser;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Span;
import dev.mayfly.policy.MonitorMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What it costs a job to be watched: the same job with the monitor and without, in turn. */
@Command(name = "monitor-benchmark")
final class MonitorBenchmark implements Callable<Integer> {
  private static final Target ARM_TARGET = Target.atMost(10);
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int WARM_UPS = 2;

  /** What is measured, by its name for a person, and what its ratio is to be. */
  private static final Map<String, Work> WORKS = new LinkedHashMap<>();

  static {
    WORKS.put(
        "2,000 programs, one after another",
        new Work("for ((i = 0; i < 2000; i++)); do /bin/true; done", Target.atMost(1.15)));
    WORKS.put(
        "20,000 connections to nobody",
        new Work(
            """
            exec python3 -c '
            import socket
            for i in range(20000):
                s = socket.socket()
                try: s.connect(("127.0.0.1", 1))
                except OSError: pass
                s.close()'""",
            Target.atMost(1.15)));
    WORKS.put(
        "a build in C, make -j2",
        new Work(
            """
            for i in $(seq 60); do
              printf '#include <stdio.h>\\n#include <stdlib.h>\\nint f%d(int x) { return printf("%%d", x) + %d; }\\n' $i $i >f$i.c
            done
            printf 'int main(void) { return 0; }\\n' >main.c
            printf 'all: $(patsubst %%.c,%%.o,$(wildcard *.c))\\n\\tgcc -o all $^\\n%%.o: %%.c\\n\\tgcc -O2 -c -o $@ $<\\n' >Makefile
            exec make -s -j2""",
            Target.atMost(1.02)));
  }

  /**
   * Something that a job does.
   *
   * @param target of the ratio
   */
  private record Work(String script, Target target) {}

  @Option(names = "--rounds", required = true)
  private int rounds;

  @Option(names = "--config", required = true)
  private Path config = Path.of("");

  @Option(names = "--result", required = true, description = "Where the table is written.")
  private Path result = Path.of("");

  private final Readings arming = new Readings();
  private final Readings selfTests = new Readings();

  private MonitorBenchmark() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new MonitorBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws ConfigException, EngineException, IOException {
    Path socket = Host.socket(ConfigParser.parse(config).engine());
    String machine;
    try (Engine engine = DockerEngine.connect(socket)) {
      machine = Machine.describe(engine.facts());
    }
    StringBuilder rows = new StringBuilder();
    try (Host host =
        Host.open(
            ConfigParser.parse(config),
            Path.of(System.getProperty("mayfly.home", "")),
            List.of())) {
      for (Map.Entry<String, Work> work : WORKS.entrySet()) {
        rows.append(row(host, work.getKey(), work.getValue()));
      }
    }
    Files.writeString(
        result,
        """
        %s
        **Being watched**: the command's time in the same sandbox with `monitor: off` and `required`, medians of %d interleaved rounds in milliseconds, lowest and highest in brackets.

        | work | off | watched | of off |
        | --- | ---: | ---: | ---: |
        %s
        Arming one sandbox: median %s ms. Self-test before the job: median %.1f ms.
        """
            .formatted(
                machine,
                rounds,
                rows,
                ARM_TARGET.judged(
                    String.format(Locale.ROOT, "%.1f", arming.median()), arming.median()),
                selfTests.median()));
    return 0;
  }

  private String row(Host host, String name, Work work) throws IOException {
    Readings off = new Readings();
    Readings watched = new Readings();
    for (int round = -WARM_UPS; round < rounds; round++) {
      boolean offFirst = round % 2 == 0;
      for (boolean on : offFirst ? new boolean[] {false, true} : new boolean[] {true, false}) {
        JobResult ran = run(host, work.script(), on);
        if (round >= 0) {
          (on ? watched : off).add(millis(ran, "command"));
          if (on) {
            arming.add(millis(ran, "arm.monitor"));
            selfTests.add(millis(ran, "self-test"));
          }
        }
      }
    }
    double ratio = watched.median() / off.median();
    return "| %s | %s | %s | %s |\n"
        .formatted(
            name,
            shown(off),
            shown(watched),
            work.target().judged(String.format(Locale.ROOT, "%.3f", ratio), ratio));
  }

  private static String shown(Readings readings) {
    return String.format(
        Locale.ROOT, "%.0f (%.0f–%.0f)", readings.median(), readings.least(), readings.most());
  }

  private static double millis(JobResult ran, String span) {
    return ran.timeline().stream()
        .filter(one -> one.name().equals(span))
        .map(Span::duration)
        .mapToDouble(duration -> duration.toNanos() / NANOS_PER_MILLI)
        .sum();
  }

  private static JobResult run(Host host, String script, boolean watched) throws IOException {
    List<String> messages = new ArrayList<>();
    JobResult ran =
        host.supervisor()
            .run(
                new JobRequest(
                    Job.local(new JobId("benchmark")),
                    policy(watched),
                    Optional.empty(),
                    List.of(bytes("bash"), bytes("-c"), bytes(script)),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()),
                new JobStreams(
                    InputStream.nullInputStream(), new Output(), new Output(), messages::add),
                new JobControl());
    if (ran.exitCode() != 0 || !ran.activity().losses().isEmpty()) {
      throw new IOException(ran.outcome() + " " + ran.activity().losses() + " " + messages);
    }
    return ran;
  }

  private static Policy policy(boolean watched) {
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
        Optional.of(watched ? MonitorMode.REQUIRED : MonitorMode.OFF),
        some.match(),
        some.onFinding());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
