package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.egress.EgressPlan.Numbered;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.EgressRule.Terms;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UploadBudgetTest {
  private static final Numbered BOUND =
      new Numbered(
          1,
          GateSandboxes.rule("a.example", new Terms(Optional.of(ByteSize.ofMiB(1)), false, false)));

  private final UploadBudget budgets = new UploadBudget();

  @Test
  void countsOverAllConnectionsOfOneSandboxAndRule() {
    ArmedSandbox sandbox = GateSandboxes.allowing();
    assertThat(budgets.of(sandbox, BOUND).orElseThrow().spend(1 << 19)).isTrue();
    UploadBudget.Meter same = budgets.of(sandbox, BOUND).orElseThrow();
    assertThat(same.left()).isEqualTo(1 << 19);
    assertThat(same.spend(1 << 19)).isTrue();
    assertThat(same.spend(1)).isFalse();
    assertThat(same.left()).isZero();
    assertThat(same.reason()).isEqualTo("max-upload 1MiB reached");
  }

  @Test
  void keepsSandboxesAndRulesApart() {
    ArmedSandbox sandbox = GateSandboxes.allowing();
    assertThat(budgets.of(sandbox, BOUND).orElseThrow().spend(1 << 20)).isTrue();
    assertThat(budgets.of(GateSandboxes.allowing(), BOUND).orElseThrow().left()).isEqualTo(1 << 20);
    assertThat(budgets.of(sandbox, new Numbered(2, BOUND.rule())).orElseThrow().left())
        .isEqualTo(1 << 20);
    assertThat(budgets.of(sandbox, new Numbered(3, GateSandboxes.rule("b.example", Terms.NONE))))
        .isEmpty();
  }
}
