package dev.mayfly.detect;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What a text is compared with. */
sealed interface TextMatch extends Predicate<String> {

  /** Whether it can hold of a text that is a part of this one. */
  default boolean possibleFor(String whole) {
    return true;
  }

  /** How long it takes, beside others. */
  default int cost() {
    return switch (this) {
      case OneOf _, OtherThan _ -> 2;
      case StartingWith _, EndingWith _ -> 3;
      case Containing _, Like _ -> 10;
      case Matching _ -> 30;
    };
  }

  /** It is one of these. */
  record OneOf(Set<String> values) implements TextMatch {
    public OneOf {
      values = Set.copyOf(values);
    }

    @Override
    public boolean test(String text) {
      return values.contains(text);
    }
  }

  /** It is another than this. */
  record OtherThan(String value) implements TextMatch {
    @Override
    public boolean test(String text) {
      return !text.equals(value);
    }
  }

  /** One of these is in it. */
  record Containing(List<String> values) implements TextMatch {
    @Override
    public boolean possibleFor(String whole) {
      return test(whole);
    }

    @Override
    public boolean test(String text) {
      for (String value : values) {
        if (text.contains(value)) {
          return true;
        }
      }
      return false;
    }
  }

  /** It begins with one of these. */
  record StartingWith(List<String> values) implements TextMatch {
    @Override
    public boolean test(String text) {
      for (String value : values) {
        if (text.startsWith(value)) {
          return true;
        }
      }
      return false;
    }
  }

  /** It ends with one of these. */
  record EndingWith(List<String> values) implements TextMatch {
    @Override
    public boolean test(String text) {
      for (String value : values) {
        if (text.endsWith(value)) {
          return true;
        }
      }
      return false;
    }
  }

  /** One of these matches the whole of it. */
  record Like(List<PathPattern> patterns) implements TextMatch {
    @Override
    public boolean test(String text) {
      for (PathPattern pattern : patterns) {
        if (pattern.matches(text)) {
          return true;
        }
      }
      return false;
    }
  }

  /** One of these is found in it. */
  record Matching(List<SearchPattern> patterns) implements TextMatch {
    @Override
    public boolean possibleFor(String whole) {
      for (SearchPattern pattern : patterns) {
        if (pattern.needles().allow(whole)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public boolean test(String text) {
      for (SearchPattern pattern : patterns) {
        if (pattern.isIn(text)) {
          return true;
        }
      }
      return false;
    }
  }
}
