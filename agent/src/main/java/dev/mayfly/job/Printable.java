package dev.mayfly.job;

/** Text that came from a job, made safe for a log and a terminal. */
public final class Printable {
  private static final int MAX = 512;

  private Printable() {}

  /** The text with everything but printable characters escaped, cut after 512 characters. */
  public static String escaped(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .limit(MAX)
        .forEach(
            c -> {
              if (isPrintable(c)) {
                safe.appendCodePoint(c);
              } else if (c <= 0xff) {
                safe.append("\\x%02x".formatted(c));
              } else {
                safe.append("\\u{%x}".formatted(c));
              }
            });
    if (text.codePointCount(0, text.length()) > MAX) {
      safe.append('…');
    }
    return safe.toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
