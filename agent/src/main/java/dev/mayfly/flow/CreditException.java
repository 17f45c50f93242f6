package dev.mayfly.flow;

import java.io.IOException;
import java.io.Serial;

/** The other side sent, or allowed, more than it may. */
public final class CreditException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  CreditException(String what) {
    super(what);
  }
}
