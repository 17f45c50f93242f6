package dev.mayfly.bench;

import dev.mayfly.egress.ArmedSandbox;
import dev.mayfly.egress.ArmedSandboxes;
import dev.mayfly.egress.EgressEvent;
import dev.mayfly.egress.EgressPlan;
import dev.mayfly.egress.SandboxAddress;
import dev.mayfly.egress.TlsGate;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Throughput from a server to a job over veth pairs between name spaces: through the TLS gate,
 * routed past it, and over one pair without anything between. Needs root; everything is in name
 * spaces of its own, which end with it.
 *
 * <p>{@code GateBenchmark [ROUNDS [MEBIBYTES]]}
 */
public final class GateBenchmark {
  private static final double TARGET = 0.7;

  /** One way, and what it took. */
  private record Way(String name, String address, int port, List<Double> rates, List<Double> cpu) {
    Way(String name, String address, int port) {
      this(name, address, port, new ArrayList<>(), new ArrayList<>());
    }
  }

  private final List<Process> processes = new ArrayList<>();

  private GateBenchmark() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 3 && arguments[0].equals("inside")) {
      new GateBenchmark().measure(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
      return;
    }
    List<String> command = java(GateBenchmark.class, "inside");
    command.add(arguments.length > 0 ? arguments[0] : "15");
    command.add(arguments.length > 1 ? arguments[1] : "1024");
    command.addAll(0, List.of("unshare", "-n"));
    System.exit(new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  private static List<String> java(Class<?> main, String... arguments) {
    return new ArrayList<>(
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx96m",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName()),
                Arrays.stream(arguments))
            .toList());
  }

  private void measure(int rounds, int mebibytes) throws IOException, InterruptedException {
    try {
      Process job = start("unshare", "-n", "cat");
      Process world = start("unshare", "-n", "cat");
      connect(job.pid(), world.pid());
      Process source =
          in(world, java(GateTraffic.class, "source", Long.toString((long) mebibytes << 20)));
      source.inputReader().readLine();
      Process drain = in(job, java(GateTraffic.class, "drain"));
      ArmedSandboxes sandboxes = new ArmedSandboxes();
      sandboxes.add(sandbox());
      try (TlsGate gate = TlsGate.open(List.of(IpRange.parse("198.19.0.1").first()), sandboxes)) {
        turn(gate.port());
        List<Way> ways =
            List.of(
                new Way("one veth pair", "198.18.7.2", GateTraffic.DIRECT),
                new Way("two pairs, routed", "203.0.113.10", GateTraffic.DIRECT),
                new Way("two pairs, TLS gate", "203.0.113.10", GateTraffic.GATED));
        for (int round = -2; round < rounds; round++) {
          for (Way way : ways) {
            take(drain, way, mebibytes, round >= 0);
          }
        }
        print(ways, rounds, mebibytes);
      }
    } finally {
      for (Process process : processes.reversed()) {
        process.getOutputStream().close();
        process.waitFor();
      }
    }
  }

  private static void take(Process drain, Way way, int mebibytes, boolean counts)
      throws IOException {
    Duration before = ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    drain.outputWriter().write(way.address() + " " + way.port() + "\n");
    drain.outputWriter().flush();
    String[] answer = drain.inputReader().readLine().split(" ");
    Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow().minus(before);
    if (Long.parseLong(answer[0]) != (long) mebibytes << 20) {
      throw new IOException(way.name() + " gave " + answer[0] + " bytes");
    }
    if (counts) {
      way.rates().add(mebibytes / (Long.parseLong(answer[1]) / 1e9));
      way.cpu().add(cpu.toMillis() / (mebibytes / 1024.0));
    }
  }

  private static double median(List<Double> numbers) {
    List<Double> sorted = numbers.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  private static void print(List<Way> ways, int rounds, int mebibytes) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "Medians of %d interleaved rounds of %d MiB, load before %s%n%n",
        rounds,
        mebibytes,
        Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    System.out.println("| way | MiB/s | of one pair | of routed | gate's CPU, ms per GiB |");
    System.out.println("| --- | ---: | ---: | ---: | ---: |");
    for (Way way : ways) {
      double rate = median(way.rates());
      System.out.printf(
          Locale.ROOT,
          "| %s | %.0f | %.2f | %.2f | %.0f |%n",
          way.name(),
          rate,
          rate / median(ways.get(0).rates()),
          rate / median(ways.get(1).rates()),
          median(way.cpu()));
    }
    for (Way direct : ways.subList(0, 2)) {
      double ratio = median(ways.getLast().rates()) / median(direct.rates());
      System.out.printf(
          Locale.ROOT,
          "%ntarget ≥ %s of %s: %s",
          TARGET,
          direct.name(),
          ratio >= TARGET ? "met" : "missed");
    }
    System.out.printf(
        "%npeak resident memory of the gate's JVM, this benchmark in it: %d MiB%n",
        Machine.peakResidentMiB());
  }

  private static ArmedSandbox sandbox() {
    EgressRule rule =
        new EgressRule.ToName(
            GateTraffic.NAME,
            DomainPattern.parse(GateTraffic.NAME),
            Transport.TCP,
            PortRange.HTTPS,
            EgressRule.Terms.NONE);
    ArmedSandbox sandbox =
        new ArmedSandbox(
            "bench",
            new SandboxAddress(
                "mfy02a",
                (Inet4Address) IpRange.parse("198.19.0.42").first(),
                (Inet6Address) IpRange.parse("2001:db8:1::42").first()),
            new EgressPlan(
                EgressMode.ALLOWLIST,
                List.of(rule),
                List.of(),
                false,
                EgressPolicy.RefusedNames.NXDOMAIN,
                EgressPlan.RefusedHosts.NONE),
            event -> {
              if (event instanceof EgressEvent.Refused) {
                System.err.println(event);
              }
            });
    sandbox.resolved(
        new DomainName(GateTraffic.NAME),
        List.of(IpRange.parse("203.0.113.10").first()),
        Instant.MAX);
    return sandbox;
  }

  private Process start(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    processes.add(process);
    return process;
  }

  private Process in(Process holder, List<String> command) throws IOException {
    return start(
        Stream.concat(
                Stream.of("nsenter", "-n", "-t", Long.toString(holder.pid())), command.stream())
            .toArray(String[]::new));
  }

  private static void connect(long job, long world) throws IOException, InterruptedException {
    Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
    String in = "nsenter -n -t %d ip ";
    for (String command :
        List.of(
            "ip link set lo up",
            "ip link add mfy02a type veth peer name eth0 netns " + job,
            "ip link add world0 type veth peer name eth0 netns " + world,
            "ip address add 198.19.0.1/16 dev mfy02a",
            "ip address add 203.0.113.1/24 dev world0",
            "ip link set mfy02a up",
            "ip link set world0 up",
            in.formatted(job) + "link set eth0 up",
            in.formatted(job) + "address add 198.19.0.42/16 dev eth0",
            in.formatted(job) + "route add default via 198.19.0.1",
            in.formatted(job) + "link add pair type veth peer name pair netns " + world,
            in.formatted(job) + "address add 198.18.7.1/24 dev pair",
            in.formatted(job) + "link set pair up",
            in.formatted(world) + "address add 198.18.7.2/24 dev pair",
            in.formatted(world) + "link set pair up",
            in.formatted(world) + "link set eth0 up",
            in.formatted(world) + "address add 203.0.113.10/24 dev eth0",
            in.formatted(world) + "route add default via 203.0.113.1")) {
      run(command.split(" "));
    }
  }

  private static void turn(int port) throws IOException, InterruptedException {
    run("nft", "add table ip turn");
    run("nft", "add chain ip turn pre { type nat hook prerouting priority dstnat; }");
    run("nft", "add rule ip turn pre iifname mfy02a tcp dport 443 dnat to 198.19.0.1:" + port);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = String.join("\n", process.inputReader().readAllLines());
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }
}
