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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the resolver costs beside asking its upstream server directly, on loopback and without a
 * kernel's packet layer: latency of one question after the other, and questions a second. The
 * server, the resolver and who asks share the machine.
 */
final class ResolverBenchmark {
  private static final int ROUNDS = 15;
  private static final int QUESTIONS = 400;
  private static final int WARM_UPS = 10;
  private static final Duration FLOOD = Duration.ofSeconds(1);
  private static final Duration CACHED_TARGET = Duration.ofNanos(100_000);
  private static final Duration UNCACHED_TARGET = Duration.ofNanos(300_000);
  private static final int RATE_TARGET = 20_000;

  private static final InetAddress GATEWAY = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress SANDBOX = InetAddress.ofLiteral("127.0.0.2");

  private final ArmedSandboxes sandboxes = new ArmedSandboxes();
  private final List<Duration> direct = new ArrayList<>();
  private final List<Duration> cached = new ArrayList<>();
  private final List<Duration> uncached = new ArrayList<>();
  private final List<Integer> directRates = new ArrayList<>();
  private final List<Integer> rates = new ArrayList<>();

  private ResolverBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    new ResolverBenchmark().run();
  }

  private void run() throws IOException {
    try (EchoUpstream upstream = new EchoUpstream(GATEWAY);
        Resolver resolver =
            Resolver.open(List.of(GATEWAY), 0, List.of(upstream.address()), sandboxes)) {
      resolver.packets((_, _) -> {});
      InetSocketAddress asked = new InetSocketAddress(GATEWAY, resolver.port());
      try (DnsClient server = new DnsClient(SANDBOX, upstream.address());
          DnsClient client = new DnsClient(SANDBOX, asked)) {
        for (int round = -WARM_UPS; round < ROUNDS; round++) {
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
    print();
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

  private void print() {
    Duration base = Spread.of(direct).median();
    Duration fromCache = Spread.of(cached).median().minus(base);
    Duration asked = Spread.of(uncached).median().minus(base);
    int rate = rates.stream().sorted().toList().get(ROUNDS / 2);
    System.out.printf(
        Locale.ROOT,
        "| resolver, medians of %d rounds | measured | target |%n| --- | ---: | ---: |%n"
            + "| upstream asked directly, p50 | %.3f ms | |%n"
            + "| added from cache, p50 | %.3f ms | ≤ %.1f ms: %s |%n"
            + "| added when asking, p50 | %.3f ms | ≤ %.1f ms: %s |%n"
            + "| upstream directly, questions a second | %d | |%n"
            + "| from cache, questions a second | %d | ≥ %d: %s |%n",
        ROUNDS,
        Spread.millis(base),
        Spread.millis(fromCache),
        Spread.millis(CACHED_TARGET),
        verdict(fromCache.compareTo(CACHED_TARGET) <= 0),
        Spread.millis(asked),
        Spread.millis(UNCACHED_TARGET),
        verdict(asked.compareTo(UNCACHED_TARGET) <= 0),
        directRates.stream().sorted().toList().get(ROUNDS / 2),
        rate,
        RATE_TARGET,
        verdict(rate >= RATE_TARGET));
  }

  private static String verdict(boolean met) {
    return met ? "met" : "missed";
  }
}
