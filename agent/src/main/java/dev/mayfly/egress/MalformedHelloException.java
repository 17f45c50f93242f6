package dev.mayfly.egress;

import java.io.Serial;

/** Bytes that are no ClientHello as it has to be. */
final class MalformedHelloException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /**
   * @param what completes "a TLS ClientHello …"
   */
  MalformedHelloException(String what) {
    super("a TLS ClientHello " + what, null, false, false);
  }

  /** What is wrong with it, for a person. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
