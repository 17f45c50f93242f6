package dev.mayfly.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class DiagnosisTableTest {
  @Test
  void tellsOfEachWhatFollowsAndWhatMendsIt() {
    String table =
        DiagnosisTable.print(
            List.of(
                Diagnosis.ok("engine", "Docker 20.10"),
                Diagnosis.weak("swap", "in use", "jobs can swap", "swapoff -a"),
                Diagnosis.missing("image", "not there", "jobs are refused", "make it")));

    assertThat(table)
        .isEqualTo(
            """
            ok       engine  Docker 20.10
            weak     swap    in use
                               so:  jobs can swap
                               fix: swapoff -a
            missing  image   not there
                               so:  jobs are refused
                               fix: make it

            Jobs would be refused: 1 missing, 1 weak.""");
  }

  @Test
  void saysWhenAllIsInForce() {
    assertThat(DiagnosisTable.print(List.of(Diagnosis.ok("a", "b"))))
        .endsWith("Jobs run, and all is in force.");
  }

  @Test
  void showsWhatAnEngineSaysWithoutItsControlCharacters() {
    assertThat(DiagnosisTable.print(List.of(Diagnosis.ok("engine", "a\u001b[2Jb\nc"))))
        .startsWith("ok       engine  a\\x1b[2Jb\\x0ac");
  }
}
