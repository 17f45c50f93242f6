package dev.mayfly.cli;

import dev.mayfly.config.ConfigParser;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.yaml.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which configuration is in force. */
final class ConfigOption {
  private static final String VARIABLE = "MAYFLY_CONFIG";
  private static final Path INSTALLED = Path.of("/etc/mayfly/mayfly.yaml");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Configuration file; else $MAYFLY_CONFIG, else /etc/mayfly/mayfly.yaml, else the defaults.")
  private @Nullable Path file;

  /** Whether the command line, or the environment, names a configuration. */
  boolean isExplicit() {
    String variable = System.getenv(VARIABLE);
    return file != null || (variable != null && !variable.isEmpty());
  }

  MayflyConfig read() throws ConfigException {
    Path named = file;
    if (named != null) {
      return ConfigParser.parse(named);
    }
    String variable = System.getenv(VARIABLE);
    if (variable != null && !variable.isEmpty()) {
      return ConfigParser.parse(Path.of(variable));
    }
    return Files.exists(INSTALLED) ? ConfigParser.parse(INSTALLED) : MayflyConfig.DEFAULT;
  }
}
