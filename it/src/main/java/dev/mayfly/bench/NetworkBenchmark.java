package dev.mayfly.bench;

import dev.mayfly.egress.ArmedSandboxes;
import dev.mayfly.egress.EgressNetwork;
import dev.mayfly.egress.EgressPlan;
import dev.mayfly.egress.Endpoints;
import dev.mayfly.egress.HostNetwork;
import dev.mayfly.egress.NetworkPlan;
import dev.mayfly.egress.Opening;
import dev.mayfly.egress.SandboxPort;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What it takes to put a sandbox on the network, to arm it, and to open a connection for it, beside
 * others that are armed. To be run in an empty network name space: {@code unshare -n java …
 * NetworkBenchmark STATE-DIRECTORY}.
 */
final class NetworkBenchmark implements AutoCloseable {
  private static final int[] BESIDE = {0, 100, 500};
  private static final int ROUNDS = 20;
  private static final String SUPERVISOR = "benchaaa";

  private final HostNetwork host;
  private final EgressNetwork network;
  private final List<Process> processes = new ArrayList<>();
  private final List<SandboxPort> ports = new ArrayList<>();
  private final List<Duration> attaching = new ArrayList<>();
  private final List<Duration> arming = new ArrayList<>();
  private final List<Duration> opening = new ArrayList<>();
  private final List<Duration> detaching = new ArrayList<>();
  private int last;

  private NetworkBenchmark(Path state) throws IOException {
    NetworkPlan plan =
        new NetworkPlan(NetworkPlan.DEFAULT.ipv4(), NetworkPlan.DEFAULT.ipv6(), state);
    host = HostNetwork.join(plan, SUPERVISOR, EgressNetwork.ALIVE);
    network =
        new EgressNetwork(
            host, Endpoints.of(plan, 5300, 5301), new ArmedSandboxes(), EgressNetwork.ALIVE);
  }

  public static void main(String[] arguments) throws IOException {
    for (boolean budget : new boolean[] {false, true}) {
      System.out.printf("%n%s, milliseconds, median (p90):%n", budget ? "With budgets" : "Plain");
      System.out.println("| armed beside | attach | of it rules | open | detach |");
      System.out.println("| --- | --- | --- | --- | --- |");
      try (NetworkBenchmark benchmark = new NetworkBenchmark(Path.of(arguments[0]))) {
        for (int beside : BESIDE) {
          System.out.println(benchmark.row(beside, plan(budget)));
        }
      }
    }
  }

  private static EgressPlan plan(boolean budget) {
    return new EgressPlan(
        EgressMode.HTTPS,
        List.of(
            new EgressRule.ToRange(
                "203.0.113.0/24:22",
                IpRange.parse("203.0.113.0/24"),
                Transport.TCP,
                PortRange.of(22),
                new EgressRule.Terms(
                    budget ? Optional.of(ByteSize.ofMiB(200)) : Optional.empty(), false, false))),
        List.of(IpRange.parse("10.0.0.0/8"), IpRange.parse("fc00::/7")),
        false,
        EgressPolicy.RefusedNames.NXDOMAIN,
        EgressPlan.RefusedHosts.NONE);
  }

  private String row(int beside, EgressPlan plan) throws IOException {
    while (ports.size() < beside) {
      ports.add(attach(plan));
    }
    attaching.clear();
    arming.clear();
    opening.clear();
    detaching.clear();
    for (int round = 0; round < ROUNDS; round++) {
      SandboxPort port = attach(plan);
      Opening one =
          new Opening(
              InetAddress.getByName("203.0.113.5"),
              Transport.TCP,
              22,
              1,
              false,
              Duration.ofSeconds(60));
      long start = System.nanoTime();
      network.open(port.armed().address(), List.of(one));
      opening.add(Duration.ofNanos(System.nanoTime() - start));
      start = System.nanoTime();
      port.detach();
      detaching.add(Duration.ofNanos(System.nanoTime() - start));
    }
    return "| %d | %s | %s | %s | %s |"
        .formatted(
            beside,
            Spread.of(attaching),
            Spread.of(arming),
            Spread.of(opening),
            Spread.of(detaching));
  }

  private SandboxPort attach(EgressPlan plan) throws IOException {
    Process process =
        new ProcessBuilder("unshare", "-n", "sh", "-c", "echo ready; exec cat").start();
    processes.add(process);
    process.inputReader().readLine();
    long start = System.nanoTime();
    SandboxPort port = network.attach(SUPERVISOR + "-" + ++last, process.pid(), plan, _ -> {});
    attaching.add(Duration.ofNanos(System.nanoTime() - start));
    arming.add(port.arming());
    return port;
  }

  @Override
  public void close() throws IOException {
    for (SandboxPort port : ports) {
      port.detach();
    }
    for (Process process : processes) {
      process.destroyForcibly();
    }
    network.close();
    host.close();
  }
}
