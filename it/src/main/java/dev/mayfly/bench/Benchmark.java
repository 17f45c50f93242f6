package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.egress.NetworkPlan;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.SandboxPlan;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.SeccompProfiles;
import dev.mayfly.supervisor.Scope;
import dev.mayfly.supervisor.SupervisorClaim;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares Mayfly with the engine's own client. Started by packaging/benchmark. */
@Command(name = "benchmark")
final class Benchmark implements Callable<Integer> {
  private static final Target COLD_TARGET = Target.atMost(1.15);
  private static final Target FURTHER_TARGET = Target.atMost(0.1);
  private static final long RESIDENT_TARGET_MIB = 150;
  private static final int WARM_UPS = 3;

  @Mixin private final HostOptions options = new HostOptions();

  @Option(names = "--docker", description = "The docker program, where there is one.")
  private @Nullable Path docker;

  @Option(names = "--launcher", required = true, description = "Of a build with an AOT cache.")
  private Path launcher = Path.of("");

  @Option(names = "--bare-launcher", required = true, description = "Of one without.")
  private Path bareLauncher = Path.of("");

  private Benchmark() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Benchmark()).execute(arguments));
  }

  @Override
  public Integer call()
      throws ConfigException, IOException, EngineException, LaunchException, InterruptedException {
    MayflyConfig settings = options.settings();
    Path home = options.home();
    try (Host host = Host.open(settings, home, List.of());
        Engine engine = DockerEngine.connect(Host.socket(settings.engine()));
        SupervisorClaim claim =
            SupervisorClaim.make(
                new Scope(
                    Host.socket(settings.engine()).toRealPath(),
                    settings.stateDir().resolve("sandboxes").toRealPath()))) {
      EngineFacts facts = engine.facts();
      String machine = Machine.describe(facts);
      SandboxPlan plan = plan(settings, home, facts, engine, claim);
      try (Docker client =
              new Docker(Host.socket(settings.engine()), plan.container(), options.scratch());
          RunningSandbox running = RunningSandbox.launch(engine, plan)) {
        String idle = client.startIdle();
        try {
          ColdSandbox cold = new ColdSandbox(host);
          Comparison fresh = fresh(client, cold);
          Comparison further = further(client, idle, running);
          List<Series> starts = starts();
          List<Series> all = new ArrayList<>(fresh.ways());
          all.addAll(further.ways());
          all.addAll(starts);
          measure(all);
          Files.writeString(
              options.result(),
              new Results(
                      options.rounds(),
                      machine,
                      fresh,
                      further,
                      starts,
                      cold.timelines().subList(WARM_UPS, WARM_UPS + options.rounds()))
                  .text(RESIDENT_TARGET_MIB));
        } finally {
          client.remove(idle);
        }
      }
    }
    return 0;
  }

  /** As what the engine's own client makes, which is measured beside it. */
  static final Policy WITHOUT_NETWORK =
      Policy.DEFAULT.withEgress(
          new EgressPolicy(
              EgressMode.NONE, List.of(), List.of(), false, EgressPolicy.RefusedNames.NXDOMAIN));

  /** Of a sandbox that is like what the engine's own client makes. */
  static SandboxPlan plan(
      MayflyConfig settings, Path home, EngineFacts facts, Engine engine, SupervisorClaim claim)
      throws IOException, EngineException {
    ImageFacts image = engine.image(Policy.DEFAULT.image().toString());
    SandboxPlanner planner =
        new SandboxPlanner(
            facts,
            true,
            SeccompProfiles.load(home.resolve("seccomp")),
            home.resolve("libexec"),
            settings.stateDir().resolve("sandboxes"),
            NetworkPlan.DEFAULT.gateway4());
    return switch (planner.plan(
        claim.nextSandbox(), Job.local(new JobId("benchmark")), WITHOUT_NETWORK, image)) {
      case SandboxPlanner.Decision.Accepted accepted -> accepted.plan();
      case SandboxPlanner.Decision.Refused refused -> throw new IOException(refused.reason());
    };
  }

  private Comparison fresh(Docker client, ColdSandbox cold) {
    List<Series> ways = new ArrayList<>();
    if (docker != null) {
      ways.add(new Series("`docker run --rm`", client.runByProgram(docker)));
    }
    ways.add(new Series("the calls to the engine that it makes", client.runByCalls()));
    ways.add(new Series("Mayfly: a cold sandbox in a running supervisor", cold));
    return new Comparison("A command in a fresh sandbox", ways, COLD_TARGET);
  }

  private Comparison further(Docker client, String idle, RunningSandbox running) {
    List<Series> ways = new ArrayList<>();
    if (docker != null) {
      ways.add(new Series("`docker exec`", client.execByProgram(docker, idle)));
    }
    ways.add(new Series("the calls to the engine that it makes", client.execByCalls(idle)));
    ways.add(new Series("Mayfly: a further command in a running sandbox", running));
    return new Comparison("A further command", ways, FURTHER_TARGET);
  }

  private List<Series> starts() {
    List<String> exec =
        new ArrayList<>(List.of("exec", "--config", options.config().toString(), "--"));
    Collections.addAll(exec, Output.COMMAND);
    return List.of(
        new Series("`mayfly version`", program(launcher, List.of("version"), "mayfly")),
        new Series(
            "`mayfly version`, no AOT cache", program(bareLauncher, List.of("version"), "mayfly")),
        new Series("`mayfly exec`", program(launcher, exec, Output.EXPECTED)),
        new Series("`mayfly exec`, no AOT cache", program(bareLauncher, exec, Output.EXPECTED)));
  }

  private static Probe program(Path launcher, List<String> arguments, String expected) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(arguments);
    return new ProgramProbe(command, expected);
  }

  /** Each round takes every way once, in an order of its own. */
  private void measure(List<Series> ways)
      throws IOException, EngineException, InterruptedException {
    Random random = new Random(1);
    List<Series> order = new ArrayList<>(ways);
    for (int round = -WARM_UPS; round < options.rounds(); round++) {
      Collections.shuffle(order, random);
      for (Series way : order) {
        Sample sample = way.probe().take();
        if (round >= 0) {
          way.add(sample);
        }
      }
      System.err.printf("round %d of %d%n", round + 1, options.rounds());
    }
  }
}
