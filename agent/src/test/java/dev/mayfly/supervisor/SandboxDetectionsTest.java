package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.detect.Detections;
import dev.mayfly.detect.ObservationJson;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Finding.Category;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.policy.Reactions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is done about recordings from real sandboxes, as policies say. */
class SandboxDetectionsTest {
  private static final String CRON = "persistence.cron";
  private static final String STOPPED = "credentials.stopped";

  private final List<String> log = new ArrayList<>();
  private final List<Finding> stops = new ArrayList<>();

  private Reaction reaction(String rule, Reactions onFinding) throws Exception {
    SandboxDetections detections =
        new SandboxDetections(
            Detections.load(Optional.empty()),
            SamplePolicy.reacting(onFinding),
            log::add,
            stops::add);
    ObservationJson.readAll(
            Path.of("src", "test", "resources", "detections", rule + ".match.jsonl"))
        .forEach(detections);
    return detections.findings().stream()
        .filter(finding -> finding.rule().equals(rule))
        .findFirst()
        .orElseThrow()
        .reaction();
  }

  private static Reactions to(Category category, Reaction reaction) {
    return new Reactions(Map.of(category, reaction), Map.of());
  }

  @Test
  void recordsWhereThePolicySaysNothing() throws Exception {
    assertThat(reaction(CRON, Reactions.DEFAULT)).isEqualTo(Reaction.AUDIT);
    assertThat(stops).isEmpty();
    assertThat(log).anySatisfy(line -> assertThat(line).contains(CRON, "; recorded; "));
  }

  @Test
  void endsTheJobWhereThePolicySaysSoOfTheCategory() throws Exception {
    assertThat(reaction(CRON, to(Category.PERSISTENCE, Reaction.KILL))).isEqualTo(Reaction.KILL);
    assertThat(stops).extracting(Finding::rule).contains(CRON);
  }

  @Test
  void doesWhatIsSaidOfARuleBeforeWhatIsSaidOfItsCategory() throws Exception {
    Reactions mild =
        new Reactions(Map.of(Category.PERSISTENCE, Reaction.KILL), Map.of(CRON, Reaction.AUDIT));
    assertThat(reaction(CRON, mild)).isEqualTo(Reaction.AUDIT);
    assertThat(stops).extracting(Finding::rule).doesNotContain(CRON);
    Reactions strict = new Reactions(Map.of(), Map.of(CRON, Reaction.KILL));
    assertThat(reaction(CRON, strict)).isEqualTo(Reaction.KILL);
    assertThat(stops).extracting(Finding::rule).containsOnly(CRON);
  }

  @Test
  void saysWhereSomethingWasToBeRefusedAndWasNot() throws Exception {
    assertThat(reaction(CRON, to(Category.PERSISTENCE, Reaction.BLOCK))).isEqualTo(Reaction.AUDIT);
    assertThat(stops).isEmpty();
    assertThat(log)
        .anySatisfy(
            line -> assertThat(line).contains(CRON, "recorded, as it could not be refused"));
  }

  /** seccomp answers it with an error. */
  @Test
  void tellsCallsThatWereRefusedFromThoseThatWereDone() throws Exception {
    assertThat(reaction("memory.ptrace-attach", to(Category.MEMORY, Reaction.BLOCK)))
        .isEqualTo(Reaction.BLOCK);
  }

  @Test
  void tellsWhatTheKernelStopped() throws Exception {
    assertThat(reaction(STOPPED, to(Category.CREDENTIALS, Reaction.BLOCK)))
        .isEqualTo(Reaction.BLOCK);
    assertThat(stops).isEmpty();
    assertThat(log).anySatisfy(line -> assertThat(line).contains(STOPPED, "; stopped; "));
  }
}
