package dev.mayfly.runner.gitlab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A script as it reads once so many levels of quoting are taken off, and where each of its bytes
 * comes from. Its own text of it has nothing of the script.
 *
 * @param text one character for each byte (ISO 8859-1)
 * @param at for each character where in the script it begins, and last where the text ends
 */
record ScriptLayer(String text, int[] at) {

  /** A URL in a URL is encoded twice. */
  private static final int MOST_ENCODINGS = 2;

  private static final int ENCODED = "%41".length();

  /** How a shell's word is quoted. */
  enum Quoting {
    /** {@code $'…'}: bash's ANSI-C quoting. */
    ANSI,
    /** {@code "…"}. */
    POSIX
  }

  /** The script itself. */
  static ScriptLayer of(String script) {
    int[] at = new int[script.length() + 1];
    Arrays.setAll(at, i -> i);
    return new ScriptLayer(script, at);
  }

  /** A part, as it reads without its quoting. */
  ScriptLayer unquoted(int from, int to, Quoting quoting) {
    StringBuilder out = new StringBuilder(to - from);
    int[] starts = new int[to - from + 1];
    int i = from;
    while (i < to) {
      starts[out.length()] = at[i];
      int length = quoting == Quoting.ANSI ? ansi(i, to, out) : posix(i, to, out);
      i += length;
    }
    starts[out.length()] = at[to];
    return new ScriptLayer(out.toString(), Arrays.copyOf(starts, out.length() + 1));
  }

  /** All of it, as it reads without quoting. */
  ScriptLayer unquoted(Quoting quoting) {
    return unquoted(0, text.length(), quoting);
  }

  private int ansi(int i, int to, StringBuilder out) {
    char c = text.charAt(i);
    if (c != '\\' || i + 1 >= to) {
      out.append(c);
      return 1;
    }
    char next = text.charAt(i + 1);
    if (next == 'x') {
      return hex(i, to, out);
    }
    int known = "abtnvfreE\\'\"?".indexOf(next);
    if (known < 0) {
      out.append(c);
      return 1;
    }
    out.append("\007\b\t\n\013\f\r\033\033\\'\"?".charAt(known));
    return 2;
  }

  private int hex(int i, int to, StringBuilder out) {
    int end = i + 2;
    int value = 0;
    while (end < Math.min(to, i + 4) && Character.digit(text.charAt(end), 16) >= 0) {
      value = value * 16 + Character.digit(text.charAt(end), 16);
      end++;
    }
    if (end == i + 2) {
      out.append('\\');
      return 1;
    }
    out.append((char) value);
    return end - i;
  }

  private int posix(int i, int to, StringBuilder out) {
    char c = text.charAt(i);
    if (c == '\\' && i + 1 < to && "`\"\\$".indexOf(text.charAt(i + 1)) >= 0) {
      out.append(text.charAt(i + 1));
      return 2;
    }
    out.append(c);
    return 1;
  }

  /**
   * What is percent-encoded in it (RFC 3986), as it reads without: in URLs there are other parts of
   * the script, encoded, and encoded URLs. Empty where nothing is.
   */
  List<ScriptLayer> decoded() {
    List<ScriptLayer> all = new ArrayList<>();
    Optional<ScriptLayer> next = decodedOnce();
    while (next.isPresent() && all.size() < MOST_ENCODINGS) {
      all.add(next.get());
      next = next.get().decodedOnce();
    }
    return all;
  }

  private Optional<ScriptLayer> decodedOnce() {
    StringBuilder out = new StringBuilder(text.length());
    int[] starts = new int[text.length() + 1];
    int i = 0;
    while (i < text.length()) {
      starts[out.length()] = at[i];
      int octet = octet(i);
      out.append(octet < 0 ? text.charAt(i) : (char) octet);
      i += octet < 0 ? 1 : ENCODED;
    }
    starts[out.length()] = at[i];
    return out.length() == text.length()
        ? Optional.empty()
        : Optional.of(new ScriptLayer(out.toString(), Arrays.copyOf(starts, out.length() + 1)));
  }

  /** What is encoded there; -1: nothing. */
  private int octet(int i) {
    if (text.charAt(i) != '%' || i + ENCODED > text.length()) {
      return -1;
    }
    int high = Character.digit(text.charAt(i + 1), 16);
    int low = Character.digit(text.charAt(i + 2), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  /**
   * Where a quoted word ends.
   *
   * @param from after its opening quote
   * @return of the closing quote; -1 where there is none
   */
  int closing(int from, char quote) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == quote) {
        return i;
      }
      if (c == '\\') {
        i++;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return "ScriptLayer[" + text.length() + "]";
  }
}
