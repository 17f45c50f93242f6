package dev.mayfly.bench;

import dev.mayfly.cli.Host;
import dev.mayfly.config.ConfigParser;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of a benchmark that has supervisors of its own. */
final class HostOptions extends Options {
  @Option(names = "--config", required = true, description = "Mayfly's configuration.")
  private Path config = Path.of("");

  @Option(names = "--scratch", required = true, description = "A directory for files of its own.")
  private Path scratch = Path.of("");

  Path config() {
    return config;
  }

  Path scratch() {
    return scratch;
  }

  MayflyConfig settings() throws ConfigException {
    return ConfigParser.parse(config);
  }

  /** Mayfly's own directory. */
  Path home() {
    return Path.of(System.getProperty("mayfly.home", ""));
  }

  /** Where it is measured, for a person. */
  String machine() throws ConfigException, EngineException, IOException {
    try (Engine engine = DockerEngine.connect(Host.socket(settings().engine()))) {
      return Machine.describe(engine.facts());
    }
  }
}
