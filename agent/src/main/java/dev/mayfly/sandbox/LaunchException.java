package dev.mayfly.sandbox;

import java.io.Serial;

/** A sandbox that could not be made ready. The message is one line with cause and remedy. */
public final class LaunchException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Teardown teardown;

  /**
   * @param teardown what became of what had been made
   */
  public LaunchException(String message, Teardown teardown, Throwable cause) {
    super(message, cause);
    this.teardown = teardown;
  }

  public Teardown teardown() {
    return teardown;
  }
}
