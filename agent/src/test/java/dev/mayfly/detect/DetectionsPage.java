package dev.mayfly.detect;

import dev.mayfly.job.Finding.Category;
import dev.mayfly.policy.Durations;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Writes {@code docs/detections.md} from the rules, and the table of fields for its neighbour. */
final class DetectionsPage {
  private static final String HEAD =
      """
      # Detections

      What Mayfly looks for in a sandbox. Generated from `agent/src/main/resources/detections` by `DetectionsPageTest`;
      how rules are written, and how to add your own, is in [detection-language.md](detection-language.md).

      A rule's reaction holds where the policy says nothing of the category in
      [`on-finding`](egress-policy.md#on-finding).
      """;

  private DetectionsPage() {}

  static String of(DetectionRules rules) {
    StringBuilder page = new StringBuilder(HEAD);
    for (Category category : Category.values()) {
      List<Rule> its =
          rules.rules().stream()
              .filter(rule -> rule.category() == category)
              .sorted(Comparator.comparing(Rule::id))
              .toList();
      if (!its.isEmpty()) {
        page.append(section(category, its));
      }
    }
    return page.toString();
  }

  private static String section(Category category, List<Rule> rules) {
    StringBuilder section = new StringBuilder("\n## " + category.word() + "\n\n");
    section.append("| id | severity | technique | reaction | title |\n");
    section.append("| --- | --- | --- | --- | --- |\n");
    for (Rule rule : rules) {
      section.append(
          "| [%s](#%s) | %s | %s | %s | %s |\n"
              .formatted(
                  rule.id(),
                  rule.id().replace(".", ""),
                  rule.severity().word(),
                  rule.technique().map(DetectionsPage::link).orElse(""),
                  rule.reaction().word(),
                  rule.title().replace("|", "\\|")));
    }
    rules.forEach(rule -> section.append(details(rule)));
    return section.toString();
  }

  private static String link(String technique) {
    return "[%s](https://attack.mitre.org/techniques/%s/)"
        .formatted(technique, technique.replace('.', '/'));
  }

  private static String details(Rule rule) {
    return """

        ### %s

        %s. %s

        ```
        %s
        ```

        If it was meant: %s
        """
        .formatted(rule.id(), rule.title(), rule.description(), condition(rule), rule.remedy());
  }

  private static String condition(Rule rule) {
    return switch (rule.timing()) {
      case Timing.Once _ -> lines(rule.condition());
      case Timing.Count count ->
          "%s\n%d times%s within %s%s"
              .formatted(
                  lines(rule.condition()),
                  count.least(),
                  count.distinct().map(field -> " with different " + field).orElse(""),
                  Durations.show(count.within()),
                  by(count.by()));
      case Timing.Sequence sequence ->
          sequence.before().stream()
                  .map(before -> lines(before) + "\nthen\n")
                  .collect(Collectors.joining())
              + lines(rule.condition())
              + "\nwithin "
              + Durations.show(sequence.within())
              + by(sequence.by());
    };
  }

  private static String by(Timing.By by) {
    return by == Timing.By.SANDBOX ? "" : ", by the same " + by.word();
  }

  private static String lines(Condition condition) {
    return condition.text().lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  /** The table of fields in the language's description. */
  static String fields() {
    StringBuilder table = new StringBuilder("| field | type | of | |\n| --- | --- | --- | --- |\n");
    for (Field field : Fields.all()) {
      table.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  field.name(),
                  field.type(),
                  kinds(field),
                  field.about().description() + words(field)));
    }
    return table.toString();
  }

  private static String kinds(Field field) {
    if (field.about().kinds().equals(EventKind.ALL)) {
      return "all";
    }
    if (field.about().kinds().equals(EventKind.OF_PROCESSES)) {
      return field.about().ofAnyProcess() ? "all but dns; relatives" : "all but dns";
    }
    return field.about().kinds().stream()
        .sorted()
        .map(EventKind::word)
        .collect(Collectors.joining(", "));
  }

  private static String words(Field field) {
    return field instanceof Field.Choice choice
        ? " "
            + choice.words().stream()
                .map(word -> "`" + word + "`")
                .collect(Collectors.joining(", "))
        : "";
  }
}
