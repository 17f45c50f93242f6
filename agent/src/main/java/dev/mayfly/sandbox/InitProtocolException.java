package dev.mayfly.sandbox;

import java.io.IOException;
import java.io.Serial;

/** PID 1 sent what it may not send. The sandbox can't be trusted any more and is destroyed. */
public final class InitProtocolException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  public InitProtocolException(String what) {
    super("PID 1 broke the init protocol: " + what);
  }
}
