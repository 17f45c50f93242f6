package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.job.Finding.Category;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.Reactions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswersTest {
  private static Policy policy(Category category, Reaction reaction) {
    return SamplePolicy.reacting(new Reactions(Map.of(category, reaction), Map.of()));
  }

  /** A source that has only this done. */
  private record Source(Set<Answer> answers) implements EventSource {
    @Override
    public String name() {
      return "some";
    }

    @Override
    public List<String> weaknesses() {
      return List.of();
    }

    @Override
    public Watching watch(Target target, Sink sink) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private static Optional<String> missing(Policy policy, Set<Answer> answers) {
    return Answers.missing(policy, Optional.of(new Source(answers)));
  }

  @Test
  void reliesOnWhatItSaysOfMemory() {
    assertThat(missing(policy(Category.MEMORY, Reaction.KILL), Set.of())).isPresent();
    assertThat(missing(policy(Category.MEMORY, Reaction.BLOCK), Set.of())).isPresent();
    assertThat(missing(Policy.DEFAULT, Set.of())).isEmpty();
  }

  @Test
  void killsWhoReadsMemoryUnlessThePolicySaysLess() {
    assertThat(Answers.of(Policy.DEFAULT)).containsExactly(Answer.KILL_MEMORY_READERS);
    assertThat(Answers.of(policy(Category.MEMORY, Reaction.AUDIT))).isEmpty();
    assertThat(Answers.of(policy(Category.MEMORY, Reaction.BLOCK)))
        .containsExactly(Answer.KILL_MEMORY_READERS);
  }

  @ParameterizedTest
  @CsvSource({
    "CREDENTIALS, BLOCK, REFUSE_CREDENTIALS",
    "CREDENTIALS, KILL, KILL_CREDENTIALS",
    "PERSISTENCE, BLOCK, REFUSE_PERSISTENCE",
    "PERSISTENCE, KILL, KILL_PERSISTENCE"
  })
  void hasTheKernelDoWhatThePolicySays(Category category, Reaction said, Answer answer) {
    Policy policy = policy(category, said);
    assertThat(Answers.of(policy)).containsExactlyInAnyOrder(Answer.KILL_MEMORY_READERS, answer);
    assertThat(missing(policy, Set.of(Answer.values()))).isEmpty();
    assertThat(missing(policy, Set.of(Answer.KILL_MEMORY_READERS)))
        .hasValueSatisfying(text -> assertThat(text).contains("on-finding", "some"));
    assertThat(Answers.missing(policy, Optional.empty()))
        .hasValueSatisfying(text -> assertThat(text).endsWith("nothing"));
  }

  @ParameterizedTest
  @CsvSource({"CREDENTIALS, AUDIT", "PERSISTENCE, AUDIT", "TOOLS, KILL"})
  void leavesTheRestToTheRules(Category category, Reaction said) {
    Policy policy = policy(category, said);
    assertThat(Answers.of(policy)).containsExactly(Answer.KILL_MEMORY_READERS);
    assertThat(missing(policy, Set.of())).isEmpty();
  }
}
