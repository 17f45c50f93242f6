package dev.mayfly.sandbox;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A protection that could not be put in force. */
public final class GuardException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * @param guard which protection
   * @param reason what is not in force
   * @param remedy what to do about it
   */
  public GuardException(String guard, String reason, String remedy, @Nullable Throwable cause) {
    super(guard + " is not in force: " + reason + "; " + remedy, cause);
  }
}
