package dev.mayfly.detect;

import java.io.Serial;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a regular expression for the plain texts that its matches must have in them. Whatever is
 * not understood is taken for a text that can be anything.
 */
final class NeedleReader {
  /** More would take longer than the expression. */
  private static final int MOST = 40;

  /** A shorter one is in too many texts. */
  private static final int SHORTEST = 2;

  private static final Pattern QUANTIFIER = Pattern.compile("([*+?]|\\{([0-9]+)(,[0-9]*)?\\})\\??");
  private static final Pattern GROUP = Pattern.compile("\\?(?:P?<\\w+>|[imsU-]*:)");
  private static final Pattern FLAGS = Pattern.compile("\\?[imsU-]+\\)");
  private static final Pattern CLASS_ESCAPE = Pattern.compile("[bBAzdDsSwW]");

  private final String text;
  private int at;

  private NeedleReader(String text) {
    this.text = text;
  }

  /**
   * Of an expression that RE2 takes.
   *
   * @return at least one of these is in every match; empty where that is not known of any
   */
  static List<String> read(String expression) {
    try {
      NeedleReader reader = new NeedleReader(expression);
      List<String> found = reader.alternatives();
      return reader.at == expression.length() ? found : List.of();
    } catch (NotUnderstood e) {
      return List.of();
    }
  }

  /** The expression has something of which it is not known where it ends. */
  private static final class NotUnderstood extends Exception {
    @Serial private static final long serialVersionUID = 1L;
  }

  /** One of which is in every match; empty where nothing is known. */
  private List<String> alternatives() throws NotUnderstood {
    List<String> all = new ArrayList<>();
    boolean known = true;
    do {
      List<String> branch = sequence();
      known &= !branch.isEmpty();
      all.addAll(branch);
    } while (take('|'));
    return known && all.size() <= MOST ? all : List.of();
  }

  private List<String> sequence() throws NotUnderstood {
    List<List<String>> parts = new ArrayList<>();
    StringBuilder run = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
      Atom atom = atom();
      Repeated repeated = repeated();
      if (atom.letter().isPresent() && repeated != Repeated.PERHAPS) {
        run.append(atom.letter().get());
      } else {
        end(run, parts);
        if (repeated != Repeated.PERHAPS && !atom.needles().isEmpty()) {
          parts.add(atom.needles());
        }
      }
      if (repeated != Repeated.ONCE) {
        end(run, parts);
      }
    }
    end(run, parts);
    return parts.stream().max(Comparator.comparingInt(NeedleReader::shortest)).orElse(List.of());
  }

  private static int shortest(List<String> needles) {
    return needles.stream().mapToInt(String::length).min().orElse(0);
  }

  private static void end(StringBuilder run, List<List<String>> parts) {
    if (run.length() >= SHORTEST) {
      parts.add(List.of(run.toString()));
    }
    run.setLength(0);
  }

  /** A letter that stands for itself, or what is known of something else. */
  private record Atom(Optional<String> letter, List<String> needles) {
    static final Atom ANYTHING = new Atom(Optional.empty(), List.of());

    static Atom of(char letter) {
      return new Atom(Optional.of(String.valueOf(letter)), List.of());
    }
  }

  private Atom atom() throws NotUnderstood {
    char c = text.charAt(at++);
    return switch (c) {
      case '(' -> group();
      case '[' -> {
        at = PatternSize.endOfClass(text, at - 1);
        yield Atom.ANYTHING;
      }
      case '\\' -> escaped();
      case '.', '^', '$' -> Atom.ANYTHING;
      default -> c > '~' ? Atom.ANYTHING : Atom.of(c);
    };
  }

  private Atom group() throws NotUnderstood {
    if (skip(FLAGS)) {
      return Atom.ANYTHING;
    }
    if (at < text.length() && text.charAt(at) == '?' && !skip(GROUP)) {
      throw new NotUnderstood();
    }
    List<String> needles = alternatives();
    if (!take(')')) {
      throw new NotUnderstood();
    }
    return new Atom(Optional.empty(), needles);
  }

  private Atom escaped() throws NotUnderstood {
    if (at == text.length()) {
      throw new NotUnderstood();
    }
    if (skip(CLASS_ESCAPE)) {
      return Atom.ANYTHING;
    }
    char c = text.charAt(at++);
    if (c > '~' || Character.isLetterOrDigit(c)) {
      throw new NotUnderstood();
    }
    return Atom.of(c);
  }

  /** How often the last atom is there. */
  private enum Repeated {
    ONCE,
    PERHAPS,
    OFTEN
  }

  private Repeated repeated() {
    Matcher matcher = QUANTIFIER.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      return Repeated.ONCE;
    }
    at = matcher.end();
    String least = matcher.group(2);
    boolean perhaps =
        least == null ? !matcher.group(1).equals("+") : least.chars().allMatch(d -> d == '0');
    return perhaps ? Repeated.PERHAPS : Repeated.OFTEN;
  }

  private boolean skip(Pattern what) {
    Matcher matcher = what.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      return false;
    }
    at = matcher.end();
    return true;
  }

  private boolean take(char wanted) {
    boolean there = at < text.length() && text.charAt(at) == wanted;
    at += there ? 1 : 0;
    return there;
  }
}
