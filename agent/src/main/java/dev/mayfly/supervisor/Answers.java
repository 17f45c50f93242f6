package dev.mayfly.supervisor;

import dev.mayfly.job.Finding.Category;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.policy.Policy;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What a policy wants the kernel to do by itself. */
final class Answers {
  static final String REMEDY =
      "say audit of them in on-finding, or monitor: best in the policy, which does with what the host"
          + " has; mayfly check tells what it lacks";

  private Answers() {}

  /** Those of a policy's {@code on-finding}. */
  static Set<Answer> of(Policy policy) {
    Set<Answer> answers = wanted(policy);
    if (policy.onFinding().to(Category.MEMORY).isEmpty()) {
      answers.add(Answer.KILL_MEMORY_READERS);
    }
    return answers;
  }

  /** Those that the policy asks for by name: it relies on them. */
  private static Set<Answer> wanted(Policy policy) {
    Set<Answer> answers = EnumSet.noneOf(Answer.class);
    said(policy, Category.MEMORY, Answer.KILL_MEMORY_READERS, Answer.KILL_MEMORY_READERS)
        .ifPresent(answers::add);
    said(policy, Category.CREDENTIALS, Answer.REFUSE_CREDENTIALS, Answer.KILL_CREDENTIALS)
        .ifPresent(answers::add);
    said(policy, Category.PERSISTENCE, Answer.REFUSE_PERSISTENCE, Answer.KILL_PERSISTENCE)
        .ifPresent(answers::add);
    return answers;
  }

  private static Optional<Answer> said(
      Policy policy, Category category, Answer block, Answer kill) {
    return policy
        .onFinding()
        .to(category)
        .flatMap(
            said ->
                switch (said) {
                  case AUDIT -> Optional.empty();
                  case BLOCK -> Optional.of(block);
                  case KILL -> Optional.of(kill);
                });
  }

  /** What of it can't be had done, for a person; empty where there is nothing. */
  static Optional<String> missing(Policy policy, Optional<EventSource> source) {
    Set<Answer> wanted = wanted(policy);
    source.map(EventSource::answers).ifPresent(wanted::removeAll);
    return wanted.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "on-finding says block or kill of credentials, memory or persistence, and the kernel"
                + " can't do it at once: what watches here is "
                + source.map(EventSource::name).orElse("nothing"));
  }
}
