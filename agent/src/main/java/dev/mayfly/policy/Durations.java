package dev.mayfly.policy;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the configuration and the command line write them: {@code 90s}, {@code 1h30m}. */
public final class Durations {
  /** Days, hours, minutes, seconds, in this order; each at most once, at least one of them. */
  public static final String PATTERN =
      "(?=[0-9])(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?";

  private static final Pattern TEXT = Pattern.compile(PATTERN);
  private static final Pattern BARE = Pattern.compile("[0-9]{1,18}");

  private Durations() {}

  /**
   * Reads whole days, hours, minutes and seconds such as {@code 2h} or {@code 1h30m}.
   *
   * @throws IllegalArgumentException with the accepted form, where the text is not a duration or is
   *     zero
   */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          BARE.matcher(text).matches()
              ? "\"%s\" has no unit: write %ss for seconds, %sm for minutes or %sh for hours"
                  .formatted(text, text, text, text)
              : Quote.of(text)
                  + " is not a duration: write whole numbers with d, h, m or s, largest unit first,"
                  + " such as 2h or 1h30m");
    }
    Duration duration =
        Duration.ofDays(number(matcher, 1))
            .plusHours(number(matcher, 2))
            .plusMinutes(number(matcher, 3))
            .plusSeconds(number(matcher, 4));
    if (duration.isZero()) {
      throw new IllegalArgumentException("\"" + text + "\" is no time at all: write at least 1s");
    }
    return duration;
  }

  private static long number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /**
   * The shortest text that {@link #parse} reads as the same time; parts of a second are left out.
   */
  public static String show(Duration duration) {
    StringBuilder text = new StringBuilder();
    append(text, duration.toDaysPart(), 'd');
    append(text, duration.toHoursPart(), 'h');
    append(text, duration.toMinutesPart(), 'm');
    append(text, duration.toSecondsPart(), 's');
    return text.isEmpty() ? "0s" : text.toString();
  }

  private static void append(StringBuilder text, long count, char unit) {
    if (count != 0) {
      text.append(count).append(unit);
    }
  }
}
