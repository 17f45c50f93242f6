package dev.mayfly.sandbox;

import java.io.Serial;

/**
 * A sandbox that could not be made ready. The message is one line with cause and remedy; nothing of
 * it is left.
 */
public final class LaunchException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public LaunchException(String message, Throwable cause) {
    super(message, cause);
  }
}
