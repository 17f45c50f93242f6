package dev.mayfly.detect;

import dev.mayfly.event.WatchedName;
import dev.mayfly.job.Finding;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Nearest;
import dev.mayfly.yaml.Shape;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Every key of a file of rules: what it means, how it is written, and the record it ends in. */
final class RuleYaml {
  private static final int LONGEST_TITLE = 80;
  private static final Range<Integer> COUNT = new Range<>(2, 1000);
  private static final Range<Duration> WITHIN =
      new Range<>(Duration.ofSeconds(1), Duration.ofHours(1));

  private static final String LIST_PATTERN = "[a-z0-9-]+";
  private static final Shape<String> ID =
      new Shape.Text<>("persistence.cron", Rule.ID_PATTERN, Rule::requireId, Function.identity());
  private static final Shape<String> TITLE =
      new Shape.Text<>(
          "A cron job was written", "[^\\n]{1,80}", RuleYaml::title, Function.identity());
  private static final Shape<String> PROSE =
      new Shape.Text<>("A sentence.", "(?s).+", RuleYaml::prose, Function.identity());
  private static final Shape<String> TECHNIQUE =
      new Shape.Text<>(
          "T1053.003", Rule.TECHNIQUE_PATTERN, RuleYaml::technique, Function.identity());
  private static final Shape<String> FIELD =
      new Shape.Text<>("file.path", "[a-z0-9.-]+", RuleYaml::field, Function.identity());
  private static final Shape.Text<String> LIST_NAME =
      new Shape.Text<>("shells", LIST_PATTERN, RuleYaml::listName, Function.identity());
  private static final Shape<String> ENTRY =
      new Shape.Text<>("cron.d", "[^/]+", RuleYaml::entry, Function.identity());

  private final Shape<Condition> condition;

  private RuleYaml(Map<String, List<String>> lists) {
    this.condition =
        new Shape.Parsed<>(
            "file.written and file.path glob \"/etc/cron.*/**\"",
            (text, complaints) -> Condition.parse(text, lists, complaints));
  }

  /**
   * How a file is written.
   *
   * @param lists of all files, by their names
   */
  static Shape<RuleFile> file(Map<String, List<String>> lists) {
    return new Shape.Section<>(new RuleYaml(lists)::file);
  }

  private RuleFile file(Keys keys) {
    var _ =
        keys.get(
            "lists",
            "Values that conditions name with a $ before the list's name, in whatever file.",
            new Shape.FreeKeys<>(
                LIST_NAME,
                new ListShape.Values<>(
                    "value", new Shape.Written(), Function.<String>identity()::apply)),
            Map.of());
    return new RuleFile(
        keys.get(
            "rules",
            "What is looked for.",
            new ListShape.Items<>("rule", "id", new Shape.Section<>(this::rule)),
            List.of()),
        keys.get(
            "watched",
            "Files of which the kernel is to tell when they are opened.",
            new ListShape.Values<>(
                "watched place",
                new Shape.Section<>(RuleYaml::watched),
                Function.<WatchedName>identity()::apply),
            List.of()));
  }

  private Rule rule(Keys keys) {
    String id = keys.require("id", "Its name for ever.", ID, "a.b");
    String title = keys.require("title", "One line for a person, without a dot.", TITLE, "");
    String description =
        keys.require("description", "Why it matters, when it may be harmless.", PROSE, "");
    Finding.Severity severity =
        keys.require(
            "severity",
            "How bad it is.",
            Shape.Choice.of(List.of(Finding.Severity.values()), Finding.Severity::word),
            Finding.Severity.INFO);
    Optional<String> technique = keys.find("technique", "Of MITRE ATT&CK.", TECHNIQUE);
    Finding.Category category =
        keys.require(
            "category",
            "What it is about, for the on-finding of policies.",
            Shape.Choice.of(List.of(Finding.Category.values()), Finding.Category::word),
            Finding.Category.EGRESS);
    RuleTiming found = found(keys);
    found.check();
    Finding.Reaction reaction =
        keys.require(
            "reaction",
            "What it causes where the policy says nothing of its category.",
            Shape.Choice.of(List.of(Finding.Reaction.values()), Finding.Reaction::word),
            Finding.Reaction.AUDIT);
    Optional<Template> target =
        keys.find(
            "target",
            "What it was done to.",
            new Shape.Parsed<>("\"{file.path}\"", Template::parse));
    target.ifPresent(template -> found.requireHeld(template.fields(), "target"));
    String remedy = keys.require("remedy", "What to do if it was meant.", PROSE, "");
    return new Rule(
        id,
        title,
        description,
        severity,
        technique,
        category,
        found.condition(),
        found.timing(),
        reaction,
        target,
        remedy);
  }

  private RuleTiming found(Keys keys) {
    return new RuleTiming(
        keys,
        keys.find("when", "What must hold of one event.", condition),
        keys.find(
            "sequence",
            "What must hold of several events, in this order.",
            new ListShape.Values<>("condition", condition, Function.<Condition>identity()::apply)),
        keys.find("count", "How many such events there must be.", Shape.Numeric.ofInt(COUNT)),
        keys.find(
            "within",
            "The longest time between the first and the last of several events.",
            new Shape.Bounded<>(
                new Shape.Text<>("10s", Durations.PATTERN, Durations::parse, Durations::show),
                WITHIN)),
        keys.find("distinct", "The field of which those events must have different values.", FIELD),
        keys.find(
            "by",
            "What those events must have in common.",
            Shape.Choice.of(List.of(Timing.By.values()), Timing.By::word)));
  }

  private static WatchedName watched(Keys keys) {
    Shape<List<WatchedName.Use>> uses =
        new ListShape.Values<>(
            "use",
            Shape.Choice.of(List.of(WatchedName.Use.values()), WatchedName.Use::word),
            Function.<WatchedName.Use>identity()::apply);
    return new WatchedName(
        keys.find("directory", "Name of the directory that they are in.", ENTRY).orElse(""),
        keys.find("name", "Their name.", ENTRY).orElse(""),
        keys.get(
            "below",
            "Whether it is those in the directories right below the directory.",
            new Shape.Flag(),
            false),
        Set.copyOf(
            keys.require("use", "What of them is told.", uses, List.of(WatchedName.Use.WRITE))),
        Set.copyOf(
            keys.get(
                "refusable",
                "What of it a policy can have refused: read by its on-finding for credentials, write"
                    + " by that for persistence.",
                uses,
                List.of())));
  }

  private static String entry(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("there is no text: leave the key out");
    }
    return text;
  }

  private static String technique(String text) {
    return requirePattern(
        text, Rule.TECHNIQUE_PATTERN, "a technique of ATT&CK: write one such as T1053.003");
  }

  private static String listName(String text) {
    return requirePattern(
        text, LIST_PATTERN, "a list's name: use lower-case letters, digits and '-'");
  }

  private static String requirePattern(String text, String pattern, String wanted) {
    if (!text.matches(pattern)) {
      throw new IllegalArgumentException(Quote.of(text) + " is not " + wanted);
    }
    return text;
  }

  private static String title(String text) {
    String title = prose(text);
    if (text.strip().indexOf('\n') >= 0 || title.length() > LONGEST_TITLE || title.endsWith(".")) {
      throw new IllegalArgumentException(
          "it is to be one line of at most " + LONGEST_TITLE + " characters without a dot");
    }
    return title;
  }

  private static String prose(String text) {
    String prose = text.strip().replaceAll("\\s+", " ");
    if (prose.isEmpty()) {
      throw new IllegalArgumentException("there is no text: write a sentence");
    }
    return prose;
  }

  private static String field(String text) {
    if (Fields.named(text).isEmpty()) {
      throw new IllegalArgumentException(
          "there is no field "
              + Quote.of(text)
              + Nearest.to(text, Fields.names())
                  .map(near -> ", did you mean " + Quote.of(near) + "?")
                  .orElseGet(() -> ": the known ones are " + String.join(", ", Fields.names())));
    }
    return text;
  }
}
