package dev.mayfly.yaml;

import dev.mayfly.policy.Quote;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One thing that is wrong in a configuration file.
 *
 * @param at empty where the error is about the file as a whole
 * @param message cause and remedy, in one line that is safe to show
 */
public record ConfigError(Path file, Optional<Position> at, String message) {

  public ConfigError {
    message = Quote.escape(message);
  }

  /** {@code file:line:column: message}, as compilers write it and editors follow it. */
  @Override
  public String toString() {
    String place = at.map(p -> ":" + p.line() + ":" + p.column()).orElse("");
    return Quote.escape(file.toString()) + place + ": " + message;
  }
}
