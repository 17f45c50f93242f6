package dev.mayfly.egress;

import java.io.Serial;

/** A connection that is to be reset, for what came on it. */
final class CutException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /**
   * @param reason for a person: a few words
   */
  CutException(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
