package dev.mayfly.detect;

import dev.mayfly.event.WatchedName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that is looked for.
 *
 * @param rules with different ids
 * @param watched with different places
 */
public record DetectionRules(List<Rule> rules, List<WatchedName> watched) {
  /** Nothing. */
  public static final DetectionRules NONE = new DetectionRules(List.of(), List.of());

  public DetectionRules {
    rules = List.copyOf(rules);
    watched = merged(watched);
    if (rules.stream().map(Rule::id).distinct().count() < rules.size()) {
      throw new IllegalArgumentException("rules must have different ids");
    }
  }

  /** The rule of this id. */
  public Optional<Rule> rule(String id) {
    return rules.stream().filter(rule -> rule.id().equals(id)).findFirst();
  }

  /** A place that is named twice is watched for all that is said. */
  private static List<WatchedName> merged(List<WatchedName> all) {
    Map<List<?>, WatchedName> byPlace = new LinkedHashMap<>();
    for (WatchedName one : all) {
      byPlace.merge(List.of(one.directory(), one.name(), one.below()), one, WatchedName::with);
    }
    return List.copyOf(byPlace.values());
  }
}
