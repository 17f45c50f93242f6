package dev.mayfly.detect;

import java.io.Serial;

/** A condition cannot be read further from some place on. */
final class Misread extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final int offset;

  /**
   * @param offset in the condition
   * @param message cause and remedy
   */
  Misread(int offset, String message) {
    super(message, null, false, false);
    this.offset = offset;
  }

  int offset() {
    return offset;
  }
}
