package dev.mayfly.runner.gitlab;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Makes lines of bytes that come in pieces. Of a long line, what is past the bound is dropped. */
final class BoundedLines {
  private final int most;
  private final Lines lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean cut;

  /** Takes the lines. */
  interface Lines {
    /**
     * Takes one.
     *
     * @param cut whether there was more of it
     */
    void accept(String line, boolean cut);
  }

  /**
   * @param most bytes of a line
   */
  BoundedLines(int most, Lines lines) {
    this.most = most;
    this.lines = lines;
  }

  void take(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        finish();
      } else if (line.size() < most) {
        line.write(bytes[i]);
      } else {
        cut = true;
      }
    }
  }

  /** Takes what is there for the last line. */
  void end() {
    if (line.size() > 0) {
      finish();
    }
  }

  private void finish() {
    String text = line.toString(StandardCharsets.UTF_8);
    boolean wasCut = cut;
    line.reset();
    cut = false;
    lines.accept(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, wasCut);
  }
}
