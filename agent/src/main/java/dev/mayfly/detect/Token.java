package dev.mayfly.detect;

import dev.mayfly.policy.Quote;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a condition.
 *
 * @param offset where it begins in the condition
 * @param text of a quoted one, what is meant by it
 */
record Token(Kind kind, int offset, String text) {

  enum Kind {
    /** A field's name, a word of the language, or a value without quotes. */
    WORD,
    /** A value in quotes. */
    QUOTED,
    /** The name of a list, without its dollar sign. */
    LIST,
    /** A parenthesis, a comma, or an operator of signs. */
    SIGN,
    END
  }

  boolean is(Kind wanted, String word) {
    return kind == wanted && text.equals(word);
  }

  /** For messages. */
  String shown() {
    return switch (kind) {
      case END -> "the end";
      case LIST -> Quote.of("$" + text);
      default -> Quote.of(text);
    };
  }

  /**
   * All pieces, with one for the end.
   *
   * @throws Misread at the first character that belongs to none
   */
  static List<Token> of(String condition) throws Misread {
    List<Token> tokens = new ArrayList<>();
    int at = 0;
    while (at < condition.length()) {
      char c = condition.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
        continue;
      }
      int end = at + 1;
      if (c == '"') {
        StringBuilder text = new StringBuilder();
        end = quoted(condition, at, text);
        tokens.add(new Token(Kind.QUOTED, at, text.toString()));
      } else if (c == '$' || isWord(c)) {
        while (end < condition.length() && isWord(condition.charAt(end))) {
          end++;
        }
        tokens.add(
            c == '$'
                ? new Token(Kind.LIST, at, condition.substring(at + 1, end))
                : new Token(Kind.WORD, at, condition.substring(at, end)));
      } else if ("()[],=<>!".indexOf(c) >= 0) {
        if ("<>!".indexOf(c) >= 0 && condition.startsWith("=", end)) {
          end++;
        }
        tokens.add(new Token(Kind.SIGN, at, condition.substring(at, end)));
      } else {
        throw new Misread(
            at,
            Quote.of(Character.toString(condition.codePointAt(at)))
                + " is not part of the language: write text that has it in double quotes");
      }
      at = end;
    }
    tokens.add(new Token(Kind.END, condition.length(), ""));
    return tokens;
  }

  private static boolean isWord(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "_./@:+-".indexOf(c) >= 0;
  }

  private static int quoted(String condition, int start, StringBuilder text) throws Misread {
    for (int at = start + 1; at < condition.length(); at++) {
      char c = condition.charAt(at);
      if (c == '"') {
        return at + 1;
      }
      if (c == '\\') {
        at++;
        char escaped = at < condition.length() ? condition.charAt(at) : ' ';
        if (escaped != '"' && escaped != '\\') {
          throw new Misread(
              at - 1, "\\ in quotes stands before \" or \\ only: write \\\\ for one backslash");
        }
        c = escaped;
      }
      text.append(c);
    }
    throw new Misread(start, "the quote that begins here never ends: add a \"");
  }
}
