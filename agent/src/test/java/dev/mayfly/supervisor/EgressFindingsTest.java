package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.egress.EgressEvent.Layer;
import dev.mayfly.egress.EgressSummary;
import dev.mayfly.egress.EgressSummary.Connection;
import dev.mayfly.egress.EgressSummary.Verdict;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.job.Finding.Severity;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.Reactions;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class EgressFindingsTest {
  private static final String HOST = "198.51.100.7";

  private static Policy policy(Map<Finding.Category, Reaction> onFinding) {
    return SamplePolicy.reacting(new Reactions(onFinding, Map.of()));
  }

  private static Connection connection(Verdict verdict, Layer layer, String address) {
    return new Connection(
        "tcp",
        Optional.of(InetAddress.ofLiteral(address)),
        OptionalInt.of(22),
        Optional.of("git.example.org"),
        verdict,
        verdict == Verdict.REFUSED ? Optional.of(layer) : Optional.empty(),
        Optional.of("no rule allows it"),
        Optional.of("git.example.org:22"),
        3);
  }

  private static List<Finding> findings(Policy policy, Connection... connections) {
    return EgressFindings.of(
        new EgressSummary(List.of(), List.of(connections), Optional.of(3L), List.of()),
        policy,
        List.of(),
        _ -> Optional.of("sh > curl"));
  }

  @Test
  void tellsWhatWasTriedWhyItWasRefusedAndWhatWouldAllowIt() {
    Finding finding =
        findings(policy(Map.of()), connection(Verdict.REFUSED, Layer.PACKET, HOST)).getFirst();

    assertThat(finding.rule()).isEqualTo("egress.packet");
    assertThat(finding.reaction()).isEqualTo(Reaction.BLOCK);
    assertThat(finding.target())
        .isEqualTo("tcp 198.51.100.7:22 (git.example.org): no rule allows it");
    assertThat(finding.remedy())
        .isEqualTo("to allow it, add \"git.example.org:22\" to egress.allow of policy release");
    assertThat(finding.process()).isEqualTo("sh > curl");
    assertThat(finding.count()).isEqualTo(3);
  }

  @Test
  void takesMetadataServicesForWorse() {
    assertThat(
            findings(policy(Map.of()), connection(Verdict.REFUSED, Layer.NAME, "169.254.169.254")))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.HIGH);
              assertThat(finding.technique()).contains("T1552.005");
            });
  }

  @Test
  void saysNothingOfWhatARuleAllows() {
    assertThat(findings(policy(Map.of()), connection(Verdict.ALLOWED, Layer.PACKET, HOST)))
        .isEmpty();
  }

  @Test
  void saysWhatBecameOfEachWhereFindingsAreOnlyRecorded() {
    Policy recording = policy(Map.of(Finding.Category.EGRESS, Reaction.AUDIT));

    assertThat(recording.egressInForce().mode()).isEqualTo(EgressMode.AUDIT);
    assertThat(recording.egressInForce().refusedRanges())
        .isEqualTo(recording.egress().refusedRanges());
    assertThat(
            findings(
                recording,
                connection(Verdict.AUDITED, Layer.PACKET, HOST),
                connection(Verdict.REFUSED, Layer.PACKET, "10.0.0.1")))
        .extracting(Finding::reaction)
        .containsExactly(Reaction.AUDIT, Reaction.BLOCK);
  }

  @Test
  void endsTheSandboxOnlyWhereThePolicySaysSo() {
    assertThat(EgressFindings.stops(policy(Map.of()))).isFalse();
    assertThat(EgressFindings.stops(policy(Map.of(Finding.Category.EGRESS, Reaction.AUDIT))))
        .isFalse();
    assertThat(EgressFindings.stops(policy(Map.of(Finding.Category.EGRESS, Reaction.KILL))))
        .isTrue();
    assertThat(policy(Map.of(Finding.Category.EGRESS, Reaction.KILL)).egressInForce())
        .isEqualTo(Policy.DEFAULT.egress());
  }

  @Test
  void tellsWhatOfThePolicyLetsDataOutToAnybody() {
    assertThat(
            EgressFindings.of(
                new EgressSummary(List.of(), List.of(), Optional.of(0L), List.of()),
                policy(Map.of()),
                List.of("@azure-login: *.blob.example: anybody's"),
                _ -> Optional.empty()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.rule()).isEqualTo("egress.risk");
              assertThat(finding.severity()).isEqualTo(Severity.INFO);
              assertThat(finding.target()).contains("anybody's");
            });
  }
}
