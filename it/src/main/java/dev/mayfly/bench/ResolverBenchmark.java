package dev.mayfly.bench;

import dev.mayfly.egress.ArmedSandbox;
import dev.mayfly.egress.ArmedSandboxes;
import dev.mayfly.egress.EgressPlan;
import dev.mayfly.egress.Resolver;
import dev.mayfly.egress.SandboxAddress;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * What the resolver costs beside asking its upstream server directly, on loopback and without a
 * kernel's packet layer: latency of one question after the other, and questions a second. The
 * server, the resolver and who asks share the machine. Started by {@code packaging/benchmark
 * --egress}.
 */
@Command(name = "resolver-benchmark")
final class ResolverBenchmark implements Callable<Integer> {
  private static final int QUESTIONS = 400;
  private static final int WARM_UPS = 10;
  private static final Duration FLOOD = Duration.ofSeconds(1);
  private static final Target CACHED_MILLIS = Target.atMost(0.1);
  private static final Target UNCACHED_MILLIS = Target.atMost(0.3);
  private static final Target RATE = Target.atLeast(20_000);

  private static final InetAddress GATEWAY = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress SANDBOX = InetAddress.ofLiteral("127.0.0.2");

  @Mixin private final Options options = new Options();

  private final ArmedSandboxes sandboxes = new ArmedSandboxes();
  private final List<Duration> direct = new ArrayList<>();
  private final List<Duration> cached = new ArrayList<>();
  private final List<Duration> uncached = new ArrayList<>();
  private final Readings directRates = new Readings();
  private final Readings rates = new Readings();

  private ResolverBenchmark() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ResolverBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    try (EchoUpstream upstream = new EchoUpstream(GATEWAY);
        Resolver resolver =
            Resolver.open(List.of(GATEWAY), 0, List.of(upstream.address()), sandboxes)) {
      resolver.packets((_, _) -> {});
      InetSocketAddress asked = new InetSocketAddress(GATEWAY, resolver.port());
      try (DnsClient server = new DnsClient(SANDBOX, upstream.address());
          DnsClient client = new DnsClient(SANDBOX, asked)) {
        for (int round = -WARM_UPS; round < options.rounds(); round++) {
          boolean counts = round >= 0;
          List<byte[]> names = arm(round + WARM_UPS);
          note(counts, direct, server.latency(names));
          note(counts, uncached, client.latency(names));
          note(counts, cached, client.latency(names));
          int directRate = server.rate(names.getFirst(), FLOOD);
          int rate = client.rate(names.getFirst(), FLOOD);
          if (counts) {
            directRates.add(directRate);
            rates.add(rate);
          }
        }
      }
    }
    Files.writeString(options.result(), text());
    return 0;
  }

  private static void note(boolean counts, List<Duration> to, Duration median) {
    if (counts) {
      to.add(median);
    }
  }

  /** A fresh sandbox, and questions for names that its rules name and nobody asked before. */
  private List<byte[]> arm(int round) {
    List<EgressRule> rules = new ArrayList<>();
    List<byte[]> questions = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      DomainName name = new DomainName("host" + i + ".round" + round + ".example");
      rules.add(
          new EgressRule.ToName(
              name + ":443",
              new DomainPattern(false, name),
              Transport.TCP,
              PortRange.HTTPS,
              EgressRule.Terms.NONE));
      questions.add(DnsClient.question(name.text()));
    }
    sandboxes.add(
        new ArmedSandbox(
            "bench",
            new SandboxAddress(
                "mfy2",
                (Inet4Address) SANDBOX,
                (Inet6Address) InetAddress.ofLiteral("2001:db8::2")),
            new EgressPlan(
                EgressMode.ALLOWLIST,
                rules,
                List.of(),
                false,
                EgressPolicy.RefusedNames.NXDOMAIN,
                EgressPlan.RefusedHosts.NONE),
            _ -> {}));
    return questions;
  }

  private String text() {
    Duration base = Spread.of(direct).median();
    return """
        **The resolver** beside asking its upstream server directly, on loopback: medians of %d rounds of %d questions one after the other, and of as many as come in %d s.

        | way | p50, ms | added, ms | questions/s |
        | --- | ---: | ---: | ---: |
        | the upstream, asked directly | %.3f | | %.0f |
        | Mayfly, which asks the upstream | %s | |
        | Mayfly, from its cache | %s | %s |
        """
        .formatted(
            options.rounds(),
            QUESTIONS,
            FLOOD.toSeconds(),
            Spread.millis(base),
            directRates.median(),
            latency(uncached, base, UNCACHED_MILLIS),
            latency(cached, base, CACHED_MILLIS),
            RATE.judged(String.format(Locale.ROOT, "%.0f", rates.median()), rates.median()));
  }

  private static String latency(List<Duration> medians, Duration base, Target target) {
    Duration median = Spread.of(medians).median();
    double added = Spread.millis(median.minus(base));
    return String.format(
        Locale.ROOT,
        "%.3f | %s",
        Spread.millis(median),
        target.judged(String.format(Locale.ROOT, "%.3f", added), added));
  }
}
