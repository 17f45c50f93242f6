package dev.mayfly.yaml;

import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration file that cannot be used; the message holds its errors, one a line. */
public final class ConfigException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** More help nobody: the rest of a file that is so wrong is not a configuration. */
  private static final int MOST_SHOWN = 100;

  private final transient List<ConfigError> errors;

  /**
   * @param errors at least one, in the order of the file
   */
  public ConfigException(List<ConfigError> errors) {
    super(lines(errors));
    this.errors = List.copyOf(errors);
  }

  public List<ConfigError> errors() {
    return errors;
  }

  private static String lines(List<ConfigError> errors) {
    String shown =
        errors.stream()
            .limit(MOST_SHOWN)
            .map(ConfigError::toString)
            .collect(Collectors.joining("\n"));
    return errors.size() <= MOST_SHOWN
        ? shown
        : shown + "\n… and " + (errors.size() - MOST_SHOWN) + " more errors";
  }
}
