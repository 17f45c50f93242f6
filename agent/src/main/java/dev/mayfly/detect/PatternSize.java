package dev.mayfly.detect;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large a regular expression becomes when its counted repetitions are written out, which RE2/J
 * does without a bound: {@code ((a{9}){9}){9}} is 729 letters.
 */
final class PatternSize {
  /** More than a repetition of 1,000, the most that RE2 takes. */
  static final int MOST = 10_000;

  private static final Pattern REPETITION = Pattern.compile("\\{([0-9]{1,9})(,([0-9]{1,9})?)?\\}");

  private final String text;
  private final Deque<Long> outer = new ArrayDeque<>();
  private int at;

  /** Of the group that is read. */
  private long sum;

  /** Of what a repetition here would be of. */
  private long last;

  private PatternSize(String text) {
    this.text = text;
  }

  /** At least as large as it becomes; not more than a little beyond {@link #MOST} if larger. */
  static long of(String text) {
    return new PatternSize(text).read();
  }

  private long read() {
    while (at < text.length() && sum <= MOST) {
      char c = text.charAt(at);
      switch (c) {
        case '\\' -> escaped();
        case '[' -> {
          at = endOfClass(text, at);
          one();
        }
        case '(' -> {
          outer.push(sum);
          sum = 0;
          last = 0;
          at++;
        }
        case ')' -> {
          last = sum + 1;
          sum = last + (outer.isEmpty() ? 0 : outer.pop());
          at++;
        }
        case '{' -> repeated();
        case '*', '+', '?', '|' -> at++;
        default -> {
          one();
          at++;
        }
      }
    }
    long all = sum;
    for (long before : outer) {
      all += before;
    }
    return all;
  }

  private void one() {
    last = 1;
    sum++;
  }

  /** A character, or all between {@code \Q} and {@code \E}. */
  private void escaped() {
    if (!text.startsWith("\\Q", at)) {
      one();
      at += 2;
      return;
    }
    int end = text.indexOf("\\E", at);
    int stop = end < 0 ? text.length() : end;
    sum += stop - at;
    last = 1;
    at = stop + 2;
  }

  private void repeated() {
    Matcher matcher = REPETITION.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      one();
      at++;
      return;
    }
    String most = matcher.group(3) == null ? matcher.group(1) : matcher.group(3);
    sum -= last;
    last *= Math.max(1, Long.parseLong(String.valueOf(most)));
    sum += last;
    at = matcher.end();
  }

  /**
   * What follows a class of characters that begins at an index. A bracket right after the
   * beginning, or within a named class, does not end it.
   */
  static int endOfClass(String text, int start) {
    int first = text.startsWith("^", start + 1) ? start + 2 : start + 1;
    int at = first;
    while (at < text.length() && (text.charAt(at) != ']' || at == first)) {
      int named = text.startsWith("[:", at) ? text.indexOf(":]", at + 2) : -1;
      at = named >= 0 ? named + 2 : text.charAt(at) == '\\' ? at + 2 : at + 1;
    }
    return at + 1;
  }
}
