package dev.mayfly.yaml;

import java.util.List;

/** The text of a file, in which the places within its values are found again. */
final class SourceText {
  private final List<String> lines;

  SourceText(String text) {
    this.lines = text.lines().toList();
  }

  /**
   * Where a character of a text value is, however the value is written: plain, in quotes, in a
   * block, over several lines.
   *
   * @param at of the value
   * @param offset from 0 up to the value's length
   * @return {@code at} where it can't be told
   */
  Position of(Position at, String value, int offset) {
    Cursor cursor = new Cursor(at);
    for (int i = 0; i < offset && i < value.length(); i++) {
      if (!Character.isWhitespace(value.charAt(i)) && !cursor.read(value.charAt(i))) {
        return at;
      }
    }
    if (offset >= value.length()) {
      return cursor.behindLast();
    }
    return Character.isWhitespace(value.charAt(offset)) || cursor.isAt(value.charAt(offset))
        ? cursor.here()
        : at;
  }

  /** Goes over the source, where white space may be other than in the value. */
  private final class Cursor {
    private int line;
    private int column;
    private Position behind;
    private final char quote;

    Cursor(Position at) {
      line = at.line() - 1;
      column = at.column() - 1;
      behind = at;
      char first = line < lines.size() && column < lines.get(line).length() ? current() : ' ';
      quote = first == '"' || first == '\'' ? first : ' ';
      if (quote != ' ') {
        column++;
      } else if (first == '|' || first == '>') {
        line++;
        column = 0;
      }
    }

    private char current() {
      return lines.get(line).charAt(column);
    }

    void skipBlanks() {
      while (line < lines.size()
          && (column >= lines.get(line).length() || Character.isWhitespace(current()))) {
        if (column >= lines.get(line).length()) {
          line++;
          column = 0;
        } else {
          column++;
        }
      }
    }

    /** Whether this is the next character of the source that is not white space. */
    boolean isAt(char wanted) {
      skipBlanks();
      if (line < lines.size() && ((quote == '"' && current() == '\\') || doubled())) {
        column++;
        skipBlanks();
      }
      return line < lines.size() && current() == wanted;
    }

    /** The same, and goes on behind it. */
    boolean read(char wanted) {
      if (!isAt(wanted)) {
        return false;
      }
      column++;
      behind = new Position(line + 1, column + 1);
      return true;
    }

    private boolean doubled() {
      String text = lines.get(line);
      return quote == '\'' && text.startsWith("''", column);
    }

    Position here() {
      return line < lines.size() ? new Position(line + 1, column + 1) : behind;
    }

    Position behindLast() {
      return behind;
    }
  }
}
