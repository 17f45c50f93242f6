package dev.mayfly.job;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What must not be in anything that Mayfly writes down of a job, though the job may have it in its
 * command lines. Its text has none of it.
 */
public final class Redaction {
  /** Nothing to take out. */
  public static final Redaction NONE = new Redaction(List.of());

  private static final String IN_PLACE = "[MASKED]";

  /** Shorter ones are parts of other words, and no secrets. */
  private static final int LEAST = 6;

  private final List<String> secrets;

  /**
   * @param secrets of several lines, each line is one; those below six characters are left
   */
  public Redaction(Collection<String> secrets) {
    this.secrets =
        secrets.stream()
            .flatMap(secret -> Stream.concat(Stream.of(secret), secret.lines()))
            .map(String::strip)
            .filter(secret -> secret.length() >= LEAST)
            .flatMap(secret -> Stream.of(secret, Printable.escaped(secret)))
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
  }

  /** The text without them. */
  public String of(String text) {
    String safe = text;
    for (String secret : secrets) {
      safe = safe.replace(secret, IN_PLACE);
    }
    return safe;
  }

  @Override
  public String toString() {
    return "Redaction";
  }
}
