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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What it takes to put a sandbox on the network, to arm it, and to open a connection for it, beside
 * others that are armed. To be run in an empty network name space; started by {@code
 * packaging/benchmark --egress}.
 */
@Command(name = "network-benchmark")
final class NetworkBenchmark implements Callable<Integer> {
  private static final List<Integer> BESIDE = List.of(0, 100, 500);
  private static final String SUPERVISOR = "benchaaa";
  private static final int WARM_UPS = 5;
  private static final Target MILLIS = Target.atMost(5);

  /** It must not take longer for each one more that is armed: what is beyond this is no noise. */
  private static final Target FLAT = Target.atMost(1.5);

  @Mixin private final Options options = new Options();

  @Option(
      names = "--state",
      required = true,
      description = "For Mayfly's memory of the host; not there yet.")
  private Path state = Path.of("");

  private NetworkBenchmark() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new NetworkBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            **A sandbox on the network** beside others that are armed: medians of %d rounds in milliseconds, 90th percentiles in brackets.

            | rules | armed beside | arming | of that beside none | attaching, with arming | opening an address | detaching |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: |
            """
                .formatted(options.rounds()));
    for (boolean budget : new boolean[] {false, true}) {
      try (Host host = new Host(state)) {
        List<Row> rows = new ArrayList<>();
        for (int beside : BESIDE) {
          rows.add(host.measure(beside, plan(budget), options.rounds()));
          text.append(line(budget ? "with upload budgets" : "plain", rows));
        }
      }
    }
    Files.writeString(options.result(), text);
    return 0;
  }

  /** What was measured with so many others armed. */
  private record Row(
      int beside, Spread arming, Spread attaching, Spread opening, Spread detaching) {}

  /** The last of these rows, for the table. The one with the most beside it is judged. */
  private static String line(String rules, List<Row> rows) {
    Row row = rows.getLast();
    double ratio = row.arming().over(rows.getFirst().arming());
    String arming = row.arming().toString();
    String shown = String.format(Locale.ROOT, "%.2f", ratio);
    if (row.beside() == BESIDE.getLast()) {
      arming = MILLIS.judged(arming, Spread.millis(row.arming().median()));
      shown = FLAT.judged(shown, ratio);
    }
    return "| %s | %d | %s | %s | %s | %s | %s |\n"
        .formatted(
            rules, row.beside(), arming, shown, row.attaching(), row.opening(), row.detaching());
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

  /** A supervisor's network, and sandboxes that have nothing but name spaces. */
  private static final class Host implements AutoCloseable {
    private final HostNetwork host;
    private final EgressNetwork network;
    private final List<Process> processes = new ArrayList<>();
    private final List<SandboxPort> ports = new ArrayList<>();
    private final List<Duration> attaching = new ArrayList<>();
    private final List<Duration> arming = new ArrayList<>();
    private final List<Duration> opening = new ArrayList<>();
    private final List<Duration> detaching = new ArrayList<>();
    private int last;

    Host(Path state) throws IOException {
      NetworkPlan plan =
          new NetworkPlan(NetworkPlan.DEFAULT.ipv4(), NetworkPlan.DEFAULT.ipv6(), state);
      host = HostNetwork.join(plan, SUPERVISOR, EgressNetwork.ALIVE);
      network =
          new EgressNetwork(
              host, Endpoints.of(plan, 5300, 5301), new ArmedSandboxes(), EgressNetwork.ALIVE);
    }

    Row measure(int beside, EgressPlan plan, int rounds) throws IOException {
      while (ports.size() < beside) {
        ports.add(attach(plan));
      }
      for (int round = -WARM_UPS; round < rounds; round++) {
        if (round == 0) {
          List.of(attaching, arming, opening, detaching).forEach(List::clear);
        }
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
      return new Row(
          beside,
          Spread.of(arming),
          Spread.of(attaching),
          Spread.of(opening),
          Spread.of(detaching));
    }

    private SandboxPort attach(EgressPlan plan) throws IOException {
      Process process =
          new ProcessBuilder("unshare", "-n", "sh", "-c", "echo ready; exec cat").start();
      processes.add(process);
      process.inputReader().readLine();
      long start = System.nanoTime();
      SandboxPort port =
          network.attach(SUPERVISOR + "-" + ++last, process.pid(), plan, Set.of(), _ -> {});
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
}
