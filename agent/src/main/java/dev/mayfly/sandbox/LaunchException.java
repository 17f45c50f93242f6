package dev.mayfly.sandbox;

import java.io.Serial;
import java.util.function.Supplier;

/** A sandbox that could not be made ready. The message is one line with cause and remedy. */
public final class LaunchException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Teardown teardown;
  private final transient Supplier<Teardown> again;

  /**
   * @param teardown what became of what had been made
   * @param again tries once more to destroy it
   */
  LaunchException(String message, Teardown teardown, Supplier<Teardown> again, Throwable cause) {
    super(message, cause);
    this.teardown = teardown;
    this.again = again;
  }

  public Teardown teardown() {
    return teardown;
  }

  /** Tries once more to destroy what had been made, and takes its guards away when it is gone. */
  public Teardown destroyAgain() {
    return again.get();
  }
}
