package dev.mayfly.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Collects what is wrong in one file, so that all of it is reported together. */
final class Problems {
  private final Path file;
  private final List<ConfigError> errors = new ArrayList<>();

  private final List<Reference> references = new ArrayList<>();

  /** A name that the file uses, and where. */
  record Reference(Position at, String name) {}

  Problems(Path file) {
    this.file = file;
  }

  void add(Position at, String message) {
    errors.add(new ConfigError(file, Optional.of(at), message));
  }

  /** Notes the use of a name, which may be defined further down in the file. */
  void refer(Position at, String name) {
    references.add(new Reference(at, name));
  }

  List<Reference> references() {
    return references;
  }

  int count() {
    return errors.size();
  }

  void throwIfAny() throws ConfigException {
    if (!errors.isEmpty()) {
      errors.sort(
          Comparator.comparing(
              error -> error.at().orElseThrow(),
              Comparator.comparingInt(Position::line).thenComparingInt(Position::column)));
      throw new ConfigException(errors);
    }
  }
}
