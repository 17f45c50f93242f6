package dev.mayfly.policy;

/**
 * Text that someone else wrote, made fit to be shown on a terminal and in one log line: control,
 * format and bidirectional characters are escaped as in Java source, and long text is cut.
 */
public final class Quote {
  private static final int MOST = 80;

  private Quote() {}

  /** In double quotes, escaped, cut after 80 characters. */
  public static String of(String text) {
    return text.length() <= MOST
        ? '"' + escape(text) + '"'
        : '"' + escape(text.substring(0, MOST)) + "…\" (" + text.length() + " characters)";
  }

  /** Escaped, whole, without quotes. */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                out.append("\\n");
              } else if (c == '\t') {
                out.append("\\t");
              } else if (c == '\r') {
                out.append("\\r");
              } else if (harmless(c)) {
                out.appendCodePoint(c);
              } else {
                for (char unit : Character.toChars(c)) {
                  out.append("\\u%04x".formatted((int) unit));
                }
              }
            });
    return out.toString();
  }

  private static boolean harmless(int c) {
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
