package dev.mayfly.config;

import dev.mayfly.detect.Rule;
import dev.mayfly.job.Finding;
import dev.mayfly.policy.Reactions;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.Shape;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The keys about what findings cause. */
final class ReactionsYaml {
  private static final Shape.Text<String> RULE =
      new Shape.Text<>("persistence.cron", Rule.ID_PATTERN, Rule::requireId, Function.identity());

  private ReactionsYaml() {}

  static Reactions reactions(Keys keys) {
    Shape<Finding.Reaction> reaction =
        Shape.Choice.of(List.of(Finding.Reaction.values()), Finding.Reaction::word);
    Map<Finding.Category, Finding.Reaction> given = new EnumMap<>(Finding.Category.class);
    for (Finding.Category category : Finding.Category.values()) {
      Optional<Finding.Reaction> absent = Reactions.DEFAULT.to(category);
      if (absent.isEmpty()) {
        keys.find(category.word(), description(category), reaction)
            .ifPresent(found -> given.put(category, found));
      } else {
        given.put(
            category, keys.get(category.word(), description(category), reaction, absent.get()));
      }
    }
    return new Reactions(
        given,
        keys.get(
            "rules",
            "What single detections cause, by their ids, before what is said of their category.",
            new Shape.FreeKeys<>(RULE, reaction),
            Map.of()));
  }

  private static String description(Finding.Category category) {
    String about =
        switch (category) {
          case EGRESS -> "Attempts to reach what the policy does not allow.";
          case PERSISTENCE -> "Writes to where programs are started from later.";
          case OUTLIVE -> "Processes that try to live longer than the job.";
          case CREDENTIALS -> "Reads of secrets in files, and secrets on command lines.";
          case MEMORY -> "Looks into other processes: memory, environment, descriptors.";
          case ESCAPE -> "Attempts to get out of the sandbox.";
          case EXECUTION -> "Programs that run from where, or are started how, no build does it.";
          case TAMPERING -> "Changes of sources, tools or what was built.";
          case EVASION -> "Attempts to hide, or to blind who watches.";
          case TOOLS -> "Programs that attackers bring along.";
        };
    return category == Finding.Category.EGRESS
        ? about
        : about + " Where it is not given, what each detection's own rule says.";
  }
}
