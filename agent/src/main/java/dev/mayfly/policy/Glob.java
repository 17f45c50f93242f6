package dev.mayfly.policy;

/**
 * A pattern for names with slashes: {@code *} is any characters but a slash, {@code **} any
 * characters, {@code ?} one character but a slash. The whole name must match, in the same case.
 */
public record Glob(String text) {
  /** What a pattern must be like as text, in the dialect that Java and ECMA-262 share. */
  public static final String PATTERN = "[^\\s](?:.{0,254}[^\\s])?";

  private static final int LONGEST = 256;

  public Glob {
    if (text.isBlank() || text.length() > LONGEST || !text.equals(text.strip())) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not a pattern: write a name such as main, or one with * such as acme/*");
    }
  }

  /** Takes time in proportion to both lengths, whatever they hold. */
  public boolean matches(String name) {
    boolean[] reached = new boolean[text.length() + 1];
    reached[0] = true;
    passStars(reached);
    for (int i = 0; i < name.length(); i++) {
      reached = step(reached, name.charAt(i));
      passStars(reached);
    }
    return reached[text.length()];
  }

  /** Which places of the pattern are reached after one more character of the name. */
  private boolean[] step(boolean[] before, char read) {
    boolean[] after = new boolean[before.length];
    for (int at = 0; at < text.length(); at++) {
      if (!before[at]) {
        continue;
      }
      char wanted = text.charAt(at);
      if (wanted == '*') {
        after[at] |= read != '/' || isDouble(at);
      } else {
        after[at + 1] |= wanted == read || (wanted == '?' && read != '/');
      }
    }
    return after;
  }

  /** A star may stand for nothing. */
  private void passStars(boolean[] reached) {
    for (int at = 0; at < text.length(); at++) {
      reached[at + 1] |= reached[at] && text.charAt(at) == '*';
    }
  }

  /** The second of two stars need not be looked at: the first one already takes everything. */
  private boolean isDouble(int at) {
    return at + 1 < text.length() && text.charAt(at + 1) == '*';
  }

  @Override
  public String toString() {
    return text;
  }
}
