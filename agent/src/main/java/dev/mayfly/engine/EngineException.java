package dev.mayfly.engine;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** What an engine refused or could not do, with the remedy. The message is one line. */
public class EngineException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * @param operation what was asked of the engine, such as {@code create container}
   * @param object what it was asked of
   * @param reason the engine's own words
   * @param remedy what to do about it
   */
  public EngineException(
      String operation, String object, String reason, String remedy, @Nullable Throwable cause) {
    super(oneLine(operation + " " + object + ": " + reason) + "; " + remedy, cause);
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?");
  }

  /** The engine does not answer on its socket. */
  public static final class Unreachable extends EngineException {
    @Serial private static final long serialVersionUID = 1L;

    public Unreachable(
        String operation, String socket, String reason, String remedy, Throwable cause) {
      super(operation, "on " + socket, reason, remedy, cause);
    }
  }

  /** What was named does not exist. */
  public static final class Missing extends EngineException {
    @Serial private static final long serialVersionUID = 1L;

    public Missing(
        String operation, String object, String reason, String remedy, @Nullable Throwable cause) {
      super(operation, object, reason, remedy, cause);
    }
  }

  /** The registry does not let whoever asks have it. */
  public static final class Denied extends EngineException {
    @Serial private static final long serialVersionUID = 1L;

    Denied(String operation, String object, String reason, String remedy, Throwable cause) {
      super(operation, object, reason, remedy, cause);
    }
  }
}
