package dev.mayfly.hook;

import java.io.IOException;
import java.io.Serial;

/** A hook sent what the protocol does not know, or more than it takes. */
final class HookProtocolException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  HookProtocolException(String what) {
    super(
        "not the hook protocol: "
            + what
            + "; are mayfly-hook and the supervisor of the same version?");
  }
}
