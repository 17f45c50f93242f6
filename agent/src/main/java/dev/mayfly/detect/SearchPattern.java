package dev.mayfly.detect;

import com.google.re2j.Pattern;

/** A regular expression for many texts of which few match. */
record SearchPattern(Pattern pattern, Needles needles) {

  /**
   * Reads an expression.
   *
   * @throws com.google.re2j.PatternSyntaxException where it is none
   */
  static SearchPattern parse(String text) {
    return new SearchPattern(Pattern.compile(text), Needles.of(text));
  }

  boolean isIn(String text) {
    return needles.allow(text) && pattern.matcher(text).find();
  }
}
