package dev.mayfly.config;

import dev.mayfly.yaml.ConfigException;
import dev.mayfly.yaml.Problems;
import dev.mayfly.yaml.YamlFile;
import java.nio.file.Path;
import java.util.Optional;

/** Reads {@code mayfly.yaml}. */
public final class ConfigParser {
  private ConfigParser() {}

  /**
   * Reads and checks the whole file.
   *
   * @throws ConfigException with everything that is wrong in the file; where it cannot be read or
   *     is not YAML, with that alone
   */
  public static MayflyConfig parse(Path file) throws ConfigException {
    YamlFile yaml =
        new YamlFile(file, "configuration", "create it, or name another one with --config");
    return parse(file, yaml.text());
  }

  /**
   * The same for text that was read already.
   *
   * @param file names the text in messages
   */
  static MayflyConfig parse(Path file, String text) throws ConfigException {
    Problems problems = new Problems(file, text);
    Optional<MayflyConfig> config = YamlFile.read(MayflyYaml.FILE, problems);
    problems.throwIfAny();
    return config.orElseThrow();
  }
}
