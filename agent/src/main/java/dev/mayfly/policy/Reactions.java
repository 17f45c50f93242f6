package dev.mayfly.policy;

import dev.mayfly.job.Finding.Category;
import dev.mayfly.job.Finding.Reaction;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What findings cause.
 *
 * @param byCategory where one is missing, each rule's own reaction
 * @param byRule by the id of a detection, before its category
 */
public record Reactions(Map<Category, Reaction> byCategory, Map<String, Reaction> byRule) {
  /** What is refused on the way out is refused, and the rest as each rule says. */
  public static final Reactions DEFAULT =
      new Reactions(Map.of(Category.EGRESS, Reaction.BLOCK), Map.of());

  public Reactions {
    byCategory = Map.copyOf(byCategory);
    byRule = Map.copyOf(byRule);
  }

  /** What is said of a category. */
  public Optional<Reaction> to(Category category) {
    return Optional.ofNullable(byCategory.get(category));
  }

  /** What is said of a rule, by its id or by its category. */
  public Optional<Reaction> to(String rule, Category category) {
    return Optional.ofNullable(byRule.get(rule)).or(() -> to(category));
  }

  /** Whether something is to be done about what only a monitor sees. */
  boolean needsMonitor() {
    return Stream.concat(
            byCategory.entrySet().stream()
                .filter(entry -> entry.getKey() != Category.EGRESS)
                .map(Map.Entry::getValue),
            byRule.values().stream())
        .anyMatch(reaction -> reaction != Reaction.AUDIT);
  }

  /** Whether the kernel is to keep files from being read or written. */
  boolean closesFiles() {
    return Stream.of(Category.CREDENTIALS, Category.PERSISTENCE)
        .flatMap(category -> to(category).stream())
        .anyMatch(reaction -> reaction != Reaction.AUDIT);
  }

  /** All of them, by the words for them, in the same order always. */
  public Map<String, Reaction> byWord() {
    Map<String, Reaction> all = new TreeMap<>(byRule);
    byCategory.forEach((category, reaction) -> all.put(category.word(), reaction));
    return all;
  }
}
