package dev.mayfly.detect;

import dev.mayfly.job.Finding.Category;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.job.Finding.Severity;
import dev.mayfly.policy.Quote;
import java.util.Optional;

/**
 * What is looked for, and what it means.
 *
 * @param id stable across releases
 * @param title one line
 * @param description why it matters, and when it may be harmless
 * @param technique MITRE ATT&amp;CK technique id, where one fits
 * @param condition what holds of the event that makes it match
 * @param timing what else there must be for that
 * @param reaction what it causes where the policy says nothing of its category
 * @param target what it was done to; where it is empty, what fits the event's kind
 * @param remedy what to change, and where, if it was meant to be allowed
 */
public record Rule(
    String id,
    String title,
    String description,
    Severity severity,
    Optional<String> technique,
    Category category,
    Condition condition,
    Timing timing,
    Reaction reaction,
    Optional<Template> target,
    String remedy) {

  public static final String ID_PATTERN = "[a-z0-9-]+(?:\\.[a-z0-9-]+)+";

  static final String TECHNIQUE_PATTERN = "T[0-9]{4}(?:\\.[0-9]{3})?";

  /**
   * The id, where it can be one.
   *
   * @throws IllegalArgumentException where it can't
   */
  public static String requireId(String text) {
    if (!text.matches(ID_PATTERN)) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not a rule's id: write one such as persistence.cron, in lower case");
    }
    return text;
  }
}
