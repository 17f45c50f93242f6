package dev.mayfly.bench;

import dev.mayfly.engine.EngineException;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What it costs jobs and their host that they are watched. Started by {@code packaging/benchmark
 * --monitor}.
 */
@Command(name = "monitor-benchmark")
final class MonitorBenchmark implements Callable<Integer> {
  private static final Target LOOP = Target.atMost(1.15);
  private static final Target BUILD = Target.atMost(1.02);
  private static final Target ARM_MILLIS = Target.atMost(10);

  private static final Jobs.Work PROGRAMS =
      Jobs.Work.of(
          "2,000 programs, one after another", "for ((i = 0; i < 2000; i++)); do /bin/true; done");
  private static final Jobs.Work CONNECTIONS =
      Jobs.Work.of(
          "20,000 connections to nobody",
          """
          python3 -c '
          import socket
          for i in range(20000):
              s = socket.socket()
              try: s.connect(("127.0.0.1", 1))
              except OSError: pass
              s.close()'""");

  @Mixin private final HostOptions options = new HostOptions();

  @Option(names = "--c-project", required = true, description = "c-package of the corpus.")
  private Path cProject = Path.of("");

  @Option(
      names = "--maven-project",
      required = true,
      description = "A directory with project and repository of maven of the corpus.")
  private Path mavenProject = Path.of("");

  @Option(names = "--maven-image", required = true, description = "An image with a JDK and Maven.")
  private String mavenImage = "";

  @Option(names = "--flood", required = true, description = "The program flood.")
  private Path flood = Path.of("");

  private MonitorBenchmark() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new MonitorBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws ConfigException, EngineException, IOException {
    String machine = options.machine();
    Jobs jobs = new Jobs(options.settings(), options.home());
    Optional<String> refused = Audit.refused();
    List<Overhead.Row> rows;
    Overhead overhead;
    String ofAudit;
    try (Audit audit =
        refused.isPresent() ? null : Audit.take(options.scratch().resolve("audit"))) {
      overhead = new Overhead(jobs, Optional.ofNullable(audit), options.rounds());
      rows =
          List.of(
              overhead.measure(PROGRAMS, LOOP),
              overhead.measure(CONNECTIONS, LOOP),
              overhead.measure(cBuild(), BUILD),
              overhead.measure(mavenBuild(), BUILD));
      ofAudit =
          audit == null
              ? "Linux audit can't be had here: " + refused.orElseThrow()
              : "Linux audit lost %d records.".formatted(audit.lost());
    }
    String watching =
        Table.row(
                "supervisor's CPU for 100,000 events of the programs, ms",
                "%,.0f".formatted(rows.getFirst().supervisorMillisForHundredThousand()))
            + IdleCost.rows(jobs)
            + FindingLatency.rows(jobs)
            + Table.row(
                "arming a sandbox, ms",
                ARM_MILLIS.judged(overhead.arming().shown("%.1f"), overhead.arming().median()))
            + Arming.rows(options.rounds())
            + Table.row("self-test before the job, ms", overhead.selfTests().shown("%.1f"))
            + new EventRate(flood, options.rounds()).rows();
    Files.writeString(
        options.result(),
        """
        %s
        **Jobs**: work in a sandbox of its own that nobody watches, that Mayfly watches, and that Linux audit watches with rules for `execve` and `connect`. Medians of %d interleaved rounds, lowest and highest in brackets; of the supervisor's CPU what it is more than unwatched.

        %s%s
        %s

        **Watching**, in the same run: medians, in brackets lowest and highest, of arming's parts the 90th percentile.

        | what | is |
        | --- | ---: |
        %s"""
            .formatted(
                machine,
                options.rounds(),
                Overhead.Row.HEAD,
                String.join("", rows.stream().map(Overhead.Row::text).toList()),
                ofAudit,
                watching));
    return 0;
  }

  private Jobs.Work cBuild() {
    return new Jobs.Work(
        "a build in C: configure, make -j2",
        """
        tar -xzf hello_*.orig.tar.gz
        cd hello-*/
        ./configure --disable-dependency-tracking
        make -j2""",
        Optional.empty(),
        Optional.of(cProject));
  }

  private Jobs.Work mavenBuild() {
    return new Jobs.Work(
        "a build with Maven: compile, test, package",
        """
        export HOME=$PWD
        cd project
        mvn -o -q -B -Dmaven.repo.local=../repository package""",
        Optional.of(ImageReference.parse(mavenImage)),
        Optional.of(mavenProject));
  }
}
