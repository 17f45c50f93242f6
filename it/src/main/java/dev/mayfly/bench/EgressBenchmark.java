package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.engine.EngineException;
import dev.mayfly.yaml.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Compares a sandbox's way out with that of a container on the engine's plain bridge. Started by
 * {@code packaging/benchmark --egress}.
 */
@Command(name = "egress-benchmark")
final class EgressBenchmark implements Callable<Integer> {
  /** Of {@code it/src/test/resources/world/plan.py}. */
  private static final String WORLD = "mfyt-world";

  private static final String ADDRESS = "203.0.113.40";
  private static final String NAME = "load.allowed.test";
  private static final int WARM_UPS = 2;
  private static final Target FILTERED = Target.atLeast(0.97);
  private static final Target GATED = Target.atLeast(0.7);
  private static final Target CONNECTIONS = Target.atLeast(0.9);

  /** Obeys one line after the other. */
  private static final String SHELL =
      "echo ready; while read -r line; do LOAD_NAME=%s %s$line || exit 1; done";

  /** The configuration has the policies open and gated. */
  @Mixin private final HostOptions options = new HostOptions();

  @Option(names = "--seconds", description = "Of each measurement.")
  private double seconds = 1;

  @Option(names = "--docker", required = true, description = "The docker program.")
  private Path docker = Path.of("");

  @Option(names = "--launcher", required = true)
  private Path launcher = Path.of("");

  @Option(names = "--world", required = true, description = "world.py of the integration tests.")
  private Path world = Path.of("");

  @Option(
      names = "--load",
      required = true,
      description = "A directory with the program load, compiled statically, and no other file.")
  private Path load = Path.of("");

  private EgressBenchmark() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new EgressBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws ConfigException, EngineException, IOException {
    Path socket = Host.socket(options.settings().engine());
    String machine = options.machine();
    Path directory = Files.createDirectories(options.scratch().resolve("world"));
    try (Started _ =
            Started.ready(
                true,
                List.of(
                    "/usr/bin/python3", "-B", world.toString(), directory.toString(), "quiet"));
        Started _ =
            Started.ready(
                false,
                List.of(
                    "ip",
                    "netns",
                    "exec",
                    WORLD,
                    load.resolve("load").toString(),
                    "serve",
                    ADDRESS,
                    "443"));
        LoadWay open = LoadWay.start("Mayfly, mode `https`: the packet filter", sandbox("open"));
        LoadWay gated = LoadWay.start("Mayfly, a rule by name: the TLS gate", sandbox("gated"));
        LoadWay plain = LoadWay.start("a container on the engine's bridge", container(socket))) {
      EgressResults results = measure(plain, open, gated);
      Files.writeString(options.result(), machine + "\n" + results.text(options.rounds(), seconds));
    }
    return 0;
  }

  private List<String> sandbox(String policy) {
    // The name is asked for before each: its address is open for the time of the answer.
    String lookup = policy.equals("gated") ? "getent ahostsv4 " + NAME + " >/dev/null; " : "";
    return List.of(
        launcher.toString(),
        "exec",
        "--config",
        options.config().toString(),
        "--policy",
        policy,
        "--workspace",
        load.toString(),
        "--",
        "sh",
        "-c",
        SHELL.formatted(NAME, "./load ").replace("do LOAD", "do " + lookup + "LOAD"));
  }

  private List<String> container(Path socket) {
    List<String> command = new ArrayList<>(List.of(docker.toString()));
    Collections.addAll(command, "--host", "unix://" + socket, "run", "--rm", "--interactive");
    Collections.addAll(command, "--network", "bridge", "--log-driver", "none", "--cpus", "2");
    Collections.addAll(command, "--volume", load + ":/load:ro", "mayfly-base");
    Collections.addAll(command, "sh", "-c", SHELL.formatted(NAME, "/load/load "));
    return command;
  }

  /** Each round takes every way once with everything, in an order of its own. */
  private EgressResults measure(LoadWay plain, LoadWay open, LoadWay gated) throws IOException {
    Random random = new Random(1);
    List<LoadWay> ways = List.of(plain, open, gated);
    Map<String, Map<LoadWay, Readings>> rates = new LinkedHashMap<>();
    Map<LoadWay, Readings> processor = new LinkedHashMap<>();
    List<LoadWay> order = new ArrayList<>(ways);
    for (int round = -WARM_UPS; round < options.rounds(); round++) {
      for (String what : EgressResults.MEASURED) {
        Collections.shuffle(order, random);
        for (LoadWay way : order) {
          if (way == gated && what.equals(EgressResults.CONNECT)) {
            continue; // Its connection is the gate's, which waits for a ClientHello.
          }
          Duration before = way.processorTime();
          double rate = way.measure(what, ADDRESS, seconds);
          Duration used = way.processorTime().minus(before);
          if (round >= 0) {
            add(rates.computeIfAbsent(what, _ -> new LinkedHashMap<>()), way, rate);
            if (what.equals(EgressResults.STREAM)) {
              add(processor, way, used.toNanos() / 1e9 / seconds);
            }
          }
        }
      }
      System.err.printf("round %d of %d%n", round + 1, options.rounds());
    }
    return new EgressResults(
        ways,
        rates,
        processor,
        Map.of(
            open,
            Map.of(EgressResults.STREAM, FILTERED, EgressResults.CONNECT, CONNECTIONS),
            gated,
            Map.of(EgressResults.STREAM, GATED)));
  }

  private static void add(Map<LoadWay, Readings> to, LoadWay way, double value) {
    to.computeIfAbsent(way, _ -> new Readings()).add(value);
  }

  /**
   * A program that serves.
   *
   * @param obeys whether it ends with its standard input, and has something to tell by its code
   */
  private record Started(Process process, boolean obeys) implements AutoCloseable {
    static Started ready(boolean obeys, List<String> command) throws IOException {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader said = process.inputReader();
      if (!"ready".equals(said.readLine())) {
        process.destroy();
        throw new IOException(String.join(" ", command) + " did not start");
      }
      return new Started(process, obeys);
    }

    @Override
    public void close() throws IOException {
      process.outputWriter().close();
      if (!obeys) {
        process.destroy();
      }
      int code = process.onExit().join().exitValue();
      if (obeys && code != 0) {
        throw new IOException("the test world left something: see its message above");
      }
    }
  }
}
