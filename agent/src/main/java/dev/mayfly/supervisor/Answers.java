package dev.mayfly.supervisor;

import dev.mayfly.job.Finding.Category;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.policy.Policy;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What a policy wants the kernel to do by itself. */
final class Answers {
  static final String REMEDY =
      "say audit of both in on-finding, or monitor: best in the policy, which does with what the host"
          + " has; mayfly check tells what it lacks";

  private Answers() {}

  /** Those of a policy's {@code on-finding}. */
  static Set<Answer> of(Policy policy) {
    Set<Answer> answers = wanted(policy);
    if (policy.onFinding().to(Category.MEMORY).orElse(Reaction.KILL) == Reaction.KILL) {
      answers.add(Answer.KILL_MEMORY_READERS);
    }
    return answers;
  }

  /** Those that the policy asks for by name: it relies on them. */
  private static Set<Answer> wanted(Policy policy) {
    Set<Answer> answers = EnumSet.noneOf(Answer.class);
    policy
        .onFinding()
        .to(Category.CREDENTIALS)
        .flatMap(said -> of(said, Answer.REFUSE_CREDENTIALS, Answer.KILL_CREDENTIALS))
        .ifPresent(answers::add);
    policy
        .onFinding()
        .to(Category.PERSISTENCE)
        .flatMap(said -> of(said, Answer.REFUSE_PERSISTENCE, Answer.KILL_PERSISTENCE))
        .ifPresent(answers::add);
    return answers;
  }

  private static Optional<Answer> of(Reaction said, Answer refuse, Answer kill) {
    return switch (said) {
      case AUDIT -> Optional.empty();
      case BLOCK -> Optional.of(refuse);
      case KILL -> Optional.of(kill);
    };
  }

  /** What of it a source can't have done, for a person; empty where there is nothing. */
  static Optional<String> missing(Policy policy, EventSource source) {
    return source.answers().containsAll(wanted(policy))
        ? Optional.empty()
        : Optional.of(
            "on-finding says block or kill of credentials or persistence, and the kernel can't do"
                + " it at once: what watches here is "
                + source.name());
  }
}
