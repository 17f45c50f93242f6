package dev.mayfly.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.EngineFacts;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.Policy;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EngineDoctorTest {
  private static EngineFacts engine(String driver, int processors, boolean userNamespace) {
    return new EngineFacts(
        "Docker", "20.10", driver, "cgroupfs", Set.of("seccomp"), processors, userNamespace);
  }

  private static Policy policy(Optional<Identity> identity) {
    Policy d = Policy.DEFAULT;
    return new Policy(
        "p",
        d.image(),
        d.requireDigest(),
        d.pull(),
        identity,
        d.readOnlyRoot(),
        d.seccompKnobs(),
        d.limits(),
        d.egress(),
        d.monitor(),
        d.match(),
        d.onFinding());
  }

  @ParameterizedTest
  @CsvSource({"overlay2, OK", "overlay, OK", "overlayfs, MISSING", "vfs, MISSING"})
  void callsMissingWhatThePlannerRefuses(String driver, Diagnosis.Level level) {
    assertThat(EngineDoctor.requirements(engine(driver, 2, true), true))
        .filteredOn(row -> row.subject().equals("storage driver"))
        .extracting(Diagnosis::level)
        .containsExactly(level);
  }

  @ParameterizedTest
  @CsvSource({"true, true, OK", "false, true, MISSING", "false, false, WEAK"})
  void callsAnEngineWithoutUserNamespaceMissingOrWeak(
      boolean inForce, boolean required, Diagnosis.Level level) {
    assertThat(EngineDoctor.requirements(engine("overlay2", 2, inForce), required))
        .filteredOn(row -> row.subject().equals("user namespace"))
        .extracting(Diagnosis::level)
        .containsExactly(level);
  }

  @ParameterizedTest
  @CsvSource({"ROOT, false, 1", "IMAGE, false, 1", "USER, false, 0", "ROOT, true, 0", ", false, 0"})
  void callsRootWithoutUserNamespaceWeak(Identity identity, boolean userNamespace, int rows) {
    assertThat(
            EngineDoctor.asPlanned(
                engine("overlay2", 64, userNamespace), policy(Optional.ofNullable(identity))))
        .hasSize(rows)
        .allMatch(row -> row.level() == Diagnosis.Level.WEAK)
        .allMatch(row -> row.subject().equals("identity of p"));
  }

  @Test
  void callsMoreProcessorsThanThereAreWeak() {
    assertThat(EngineDoctor.asPlanned(engine("overlay2", 1, true), policy(Optional.empty())))
        .singleElement()
        .satisfies(row -> assertThat(row.found()).isEqualTo("2, of which there are 1"));
    assertThat(EngineDoctor.asPlanned(engine("overlay2", 2, true), policy(Optional.empty())))
        .isEmpty();
  }
}
