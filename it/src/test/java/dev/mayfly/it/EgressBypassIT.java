package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every attempt to get out, from inside a real sandbox, in every mode. That each of them works
 * where nothing is forbidden is {@link EgressWorldIT}'s to show.
 */
@ExtendWith(EgressWorld.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressBypassIT {
  private static final String POLICIES =
      """
      network: {dns-servers: [%1$s]}
      policies:
        - name: allowlist
          egress:
            mode: allowlist
            allow:
              - allowed.test:443
              - "*.allowed.test:443"
              - good.cdn.test:443
              - redirect.test:80
              - "*.rebind.test:80"
              - meta.rebind.test:443
              - db.private.test:5432
            refuse-ranges: %2$s
        - name: https
          egress: {mode: https, allow: [redirect.test:80, "*.rebind.test:80"], refuse-ranges: %2$s}
        - name: gated
          egress:
            mode: https
            gate: true
            allow: [redirect.test:80, "*.rebind.test:80"]
            refuse-ranges: %2$s
        - name: audit
          egress: {mode: audit, refuse-ranges: %2$s}
        - name: none
          egress: {mode: none}
      """
          .formatted(EgressWorld.NAME_SERVER, EgressWorld.REFUSED_RANGES);

  /** Attempts that reach somebody who is allowed on their way. */
  private static final Set<String> BY_WAY_OF_OTHERS =
      Set.of("metadata-redirect", "metadata-name-flipped", "metadata-name-mixed");

  /** Attempts that take their time even where they are refused at once. */
  private static final Set<String> SLOW = Set.of("link-local", "metadata-name-flipped");

  private static final double AT_ONCE_MILLIS = 2000;

  private final EgressWorld world;
  private final Path directory;
  private final Path probe;
  private final Mayfly mayfly;
  private final BypassTable table = BypassTable.read();
  private final Map<String, EgressAttempts> tried = new HashMap<>();
  private final Map<String, EgressReport> reports = new HashMap<>();
  private final Evidence evidence;

  EgressBypassIT(EgressWorld world, @TempDir Path directory) throws IOException {
    this.world = world;
    this.directory = directory;
    this.probe = EgressAttempts.probeIn(directory.resolve("probe"));
    this.mayfly = Mayfly.onPrivateEngine(directory, POLICIES);
    // A server on the host, whom all of its addresses lead to.
    try (ServerSocket onHost = new ServerSocket(0);
        Socket control = new Socket(EgressWorld.HOST, onHost.getLocalPort())) {
      assertThat(control.isConnected()).isTrue();
      List<String> attempts =
          new ArrayList<>(
              List.of("--host", EgressWorld.HOST, "--port", "" + onHost.getLocalPort()));
      attempts.addAll(List.of(table.attempts()));
      for (String policy : BypassTable.POLICIES) {
        tried.put(
            policy, EgressAttempts.ofJob(mayfly, policy, probe, attempts.toArray(String[]::new)));
        reports.put(policy, EgressReport.last(mayfly));
      }
    }
    this.evidence = world.evidence();
  }

  @AfterAll
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private EgressAttempts tried(String policy) {
    EgressAttempts attempts = tried.get(policy);
    if (attempts == null) {
      throw new AssertionError(policy);
    }
    return attempts;
  }

  private EgressReport report(String policy) {
    EgressReport report = reports.get(policy);
    if (report == null) {
      throw new AssertionError(policy);
    }
    return report;
  }

  Stream<Arguments> cells() {
    return table.rows().stream()
        .flatMap(
            row ->
                Stream.iterate(0, i -> i < BypassTable.POLICIES.size(), i -> i + 1)
                    .map(
                        i ->
                            Arguments.of(
                                row.attempt(), BypassTable.POLICIES.get(i), row.cells().get(i))));
  }

  @ParameterizedTest(name = "{0} in {1}: {2}")
  @MethodSource("cells")
  void endsAsTheTableSays(String name, String policy, BypassTable.Cell expected) {
    EgressAttempts.Attempt attempt = tried(policy).get(name);

    assertThat(attempt.result()).as(attempt.toString()).matches(expected::matches, "as in table");
    if (!expected.open() && !SLOW.contains(name)) {
      assertThat(attempt.millis()).as(attempt.toString()).isLessThan(AT_ONCE_MILLIS);
    }
  }

  @ParameterizedTest(name = "{0} in {1}: {2}")
  @MethodSource("cells")
  void letsNothingOutThatIsRefused(String name, String policy, BypassTable.Cell expected) {
    EgressAttempts.Attempt attempt = tried(policy).get(name);

    if (expected.open()) {
      return;
    }
    assertThat(evidence.newWithin(attempt.began(), attempt.ended()))
        .as(attempt.toString())
        .filteredOn(packet -> !BY_WAY_OF_OTHERS.contains(name) || isForbidden(packet))
        .isEmpty();
    if (!BY_WAY_OF_OTHERS.contains(name)) {
      assertThat(evidence.holds(attempt.canary())).as(attempt.toString()).isFalse();
    }
  }

  private static boolean isForbidden(Evidence.Packet packet) {
    return !packet.destination().startsWith("203.0.113.")
        && !packet.destination().startsWith("2001:db8:1:");
  }

  @ParameterizedTest(name = "{0} in {1}: {2}")
  @MethodSource("cells")
  void reportsWhatIsRefused(String name, String policy, BypassTable.Cell expected) {
    EgressAttempts.Target target = tried(policy).get(name).target();
    EgressReport report = report(policy);

    switch (expected.layer()) {
      case "packet", "tls" -> {
        assertThat(report.connection(target.protocol(), target.address(), target.port(), "refused"))
            .as("%s in %s", target, report.connections())
            .hasValueSatisfying(
                found -> {
                  assertThat(found.count()).isPositive();
                  assertThat(found.reason()).isNotEmpty();
                });
        assertThat(report.connections())
            .anySatisfy(
                found -> {
                  assertThat(found.address()).isEqualTo(target.address());
                  assertThat(found.port()).isEqualTo(target.port());
                  assertThat(found.layer()).isEqualTo(expected.layer());
                });
        assertThat(report.findings("egress." + expected.layer()))
            .anySatisfy(finding -> assertThat(finding).contains(target.address()));
      }
      case "name" -> {
        assertThat(report.names())
            .as(target.name())
            .anySatisfy(
                found -> {
                  assertThat(found.name()).isEqualTo(target.name());
                  assertThat(found.reason()).isNotEmpty();
                  assertThat(found.count()).isPositive();
                });
        assertThat(report.findings("egress.name"))
            .anySatisfy(finding -> assertThat(finding).contains(target.name()));
      }
      default -> assertThat(expected.layer()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void missesNothing(String policy) {
    assertThat(report(policy).mode()).isEqualTo(policy.equals("gated") ? "https" : policy);
    assertThat(report(policy).complete()).isTrue();
  }

  static List<String> policies() {
    return BypassTable.POLICIES;
  }

  /** Metadata and private networks, in every mode and by whichever way. */
  @ParameterizedTest
  @MethodSource("policies")
  void reachesNoRefusedRange(String policy) {
    List<EgressAttempts.Attempt> all = List.copyOf(tried(policy).byName().values());
    double began = all.stream().mapToDouble(EgressAttempts.Attempt::began).min().orElseThrow();
    double ended = all.stream().mapToDouble(EgressAttempts.Attempt::ended).max().orElseThrow();

    assertThat(evidence.packets())
        .filteredOn(packet -> packet.time() >= began && packet.time() <= ended)
        .filteredOn(packet -> !packet.protocol().equals("arp"))
        .noneMatch(EgressBypassIT::isForbidden);
  }

  @Test
  void reachesNothingAtAllWithoutANetwork() {
    EgressAttempts none = EgressAttempts.ofJob(mayfly, "none", probe, table.attempts());
    List<EgressAttempts.Attempt> all = List.copyOf(none.byName().values());
    Evidence now = world.evidence();

    assertThat(all)
        .hasSize(table.rows().size())
        .allSatisfy(
            attempt -> {
              assertThat(attempt.result()).as(attempt.toString()).isNotEqualTo("CONNECTED");
              assertThat(now.newWithin(attempt.began(), attempt.ended())).isEmpty();
              assertThat(now.askedWithin(attempt.began(), attempt.ended())).isEmpty();
            });
    assertThat(none.resultOf("direct-ip")).isEqualTo("ENETUNREACH");
    assertThat(none.resultOf("quic")).startsWith("EAI_");
  }
}
