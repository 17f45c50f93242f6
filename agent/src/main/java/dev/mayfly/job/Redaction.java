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

  /** What stands where a text was cut, see {@link Printable}. */
  private static final char CUT = '…';

  /** From here on, the beginning of a secret before a cut is told from chance. */
  private static final int LEAST_BEGINNING = 4;

  /** Texts are cut to less than this. */
  private static final int LONGEST_BEGINNING = 4096;

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

  /** The text without them, and without the beginning of one where the text was cut in it. */
  public String of(String text) {
    String safe = text;
    for (String secret : secrets) {
      safe = safe.replace(secret, IN_PLACE);
    }
    return secrets.isEmpty() ? safe : withoutBeginnings(safe);
  }

  private String withoutBeginnings(String text) {
    StringBuilder safe = new StringBuilder();
    int from = 0;
    for (int cut = text.indexOf(CUT); cut >= 0; cut = text.indexOf(CUT, from)) {
      int known = beginning(text.substring(from, cut));
      safe.append(text, from, cut - known).append(known > 0 ? IN_PLACE : "").append(CUT);
      from = cut + 1;
    }
    return safe.append(text, from, text.length()).toString();
  }

  /** How many characters at the end of a text are the beginning of a secret. */
  private int beginning(String text) {
    int most = Math.min(text.length(), LONGEST_BEGINNING);
    for (int length = most; length >= LEAST_BEGINNING; length--) {
      int start = text.length() - length;
      int its = length;
      if (secrets.stream().anyMatch(secret -> secret.regionMatches(0, text, start, its))) {
        return length;
      }
    }
    return 0;
  }

  @Override
  public String toString() {
    return "Redaction";
  }
}
