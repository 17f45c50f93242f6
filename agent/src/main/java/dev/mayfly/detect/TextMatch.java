package dev.mayfly.detect;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What a text is compared with. */
sealed interface TextMatch extends Predicate<String> {

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
  record Matching(List<Pattern> patterns) implements TextMatch {
    @Override
    public boolean test(String text) {
      for (Pattern pattern : patterns) {
        if (pattern.matcher(text).find()) {
          return true;
        }
      }
      return false;
    }
  }
}
