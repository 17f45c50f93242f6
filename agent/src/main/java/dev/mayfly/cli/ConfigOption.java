package dev.mayfly.cli;

import dev.mayfly.config.ConfigException;
import dev.mayfly.config.ConfigParser;
import dev.mayfly.config.MayflyConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which configuration is in force. */
final class ConfigOption {
  private static final Path INSTALLED = Path.of("/etc/mayfly/mayfly.yaml");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Configuration file; else $MAYFLY_CONFIG, else /etc/mayfly/mayfly.yaml, else the defaults.")
  private @Nullable Path file;

  MayflyConfig read() throws ConfigException {
    Path named = file;
    if (named != null) {
      return ConfigParser.parse(named);
    }
    String variable = System.getenv("MAYFLY_CONFIG");
    if (variable != null && !variable.isEmpty()) {
      return ConfigParser.parse(Path.of(variable));
    }
    return Files.exists(INSTALLED) ? ConfigParser.parse(INSTALLED) : MayflyConfig.DEFAULT;
  }
}
