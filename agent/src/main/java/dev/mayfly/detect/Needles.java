package dev.mayfly.detect;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Plain texts of which at least one is in whatever a regular expression matches: looking for these
 * first takes a fraction of the expression's time.
 *
 * @param texts none where nothing is known of its matches
 * @param inAnyCase whether they may be in there in whatever case; they are in lower case then
 */
record Needles(List<String> texts, boolean inAnyCase) {
  private static final Pattern FOLDS = Pattern.compile("\\(\\?[a-zA-Z]*i");

  Needles {
    texts = List.copyOf(texts);
  }

  /** Of an expression that RE2 takes. */
  static Needles of(String expression) {
    List<String> texts = NeedleReader.read(expression);
    boolean folds = FOLDS.matcher(expression).find();
    return new Needles(
        folds ? texts.stream().map(text -> text.toLowerCase(Locale.ROOT)).toList() : texts, folds);
  }

  /** Whether a text can have a match. */
  boolean allow(String text) {
    if (texts.isEmpty()) {
      return true;
    }
    // The one letter beyond ASCII that RE2 takes for one of ASCII and that lower case leaves as it
    // is.
    String searched = inAnyCase ? text.toLowerCase(Locale.ROOT).replace('\u017f', 's') : text;
    for (String needle : texts) {
      if (searched.contains(needle)) {
        return true;
      }
    }
    return false;
  }
}
