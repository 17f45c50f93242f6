package dev.mayfly.control;

import java.io.IOException;
import java.io.Serial;

/** The other side of a control connection sent what the protocol does not know. */
final class ControlProtocolException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  ControlProtocolException(String what) {
    super(
        "not the control protocol: "
            + what
            + "; are both sides of the same version? Restart the supervisor after an upgrade");
  }
}
