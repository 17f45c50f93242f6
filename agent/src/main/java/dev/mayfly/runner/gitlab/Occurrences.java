package dev.mayfly.runner.gitlab;

import java.util.function.IntConsumer;

/**
 * Finds a text in another, in time that the writer of neither can make grow beyond their lengths.
 */
final class Occurrences {
  /** Up to here, going on by one character after each failure costs little enough. */
  private static final int SHORT = 128;

  private final String part;
  private final int[] borders;

  /**
   * @param part not empty
   */
  Occurrences(String part) {
    this.part = part;
    this.borders = part.length() <= SHORT ? new int[0] : borders(part);
  }

  /** For each beginning of the text the longest one that it ends with, itself left out. */
  private static int[] borders(String part) {
    int[] longest = new int[part.length()];
    int matched = 0;
    for (int i = 1; i < part.length(); i++) {
      while (matched > 0 && part.charAt(i) != part.charAt(matched)) {
        matched = longest[matched - 1];
      }
      if (part.charAt(i) == part.charAt(matched)) {
        matched++;
      }
      longest[i] = matched;
    }
    return longest;
  }

  /** Calls for each place, also for those that overlap. */
  void in(String text, IntConsumer found) {
    if (borders.length > 0) {
      inLong(text, found);
      return;
    }
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
      found.accept(at);
    }
  }

  /** As Knuth, Morris and Pratt do it. */
  private void inLong(String text, IntConsumer found) {
    int matched = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      while (matched > 0 && part.charAt(matched) != c) {
        matched = borders[matched - 1];
      }
      if (part.charAt(matched) == c) {
        matched++;
      }
      if (matched == part.length()) {
        found.accept(i + 1 - matched);
        matched = borders[matched - 1];
      }
    }
  }
}
