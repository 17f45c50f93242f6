package dev.mayfly.yaml;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Collects what is wrong in one file, so that all of it is reported together. */
public final class Problems {
  private final Path file;
  private final String text;
  private final SourceText source;
  private final List<ConfigError> errors = new ArrayList<>();

  private final List<Reference> references = new ArrayList<>();

  /** A name that the file uses, and where. */
  public record Reference(Position at, String name) {}

  /**
   * @param text of the file
   */
  public Problems(Path file, String text) {
    this.file = file;
    this.text = text;
    this.source = new SourceText(text);
  }

  public Path file() {
    return file;
  }

  String text() {
    return text;
  }

  public void add(Position at, String message) {
    errors.add(new ConfigError(file, Optional.of(at), message));
  }

  /** Takes what is wrong with the text that is a value of the file. */
  Complaints within(Node.Scalar value) {
    return (offset, message) -> add(source.of(value.at(), value.text(), offset), message);
  }

  /** Notes the use of a name, which may be defined further down in the file. */
  void refer(Position at, String name) {
    references.add(new Reference(at, name));
  }

  List<Reference> references() {
    return references;
  }

  public int count() {
    return errors.size();
  }

  /** All there are so far, in the order of the file. */
  public List<ConfigError> errors() {
    return errors.stream()
        .sorted(
            Comparator.comparing(
                error -> error.at().orElseThrow(),
                Comparator.comparingInt(Position::line).thenComparingInt(Position::column)))
        .toList();
  }

  public void throwIfAny() throws ConfigException {
    if (!errors.isEmpty()) {
      throw new ConfigException(errors());
    }
  }
}
