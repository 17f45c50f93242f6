package dev.mayfly.yaml;

import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is written as a single value where that says all, else as a section.
 *
 * @param <T> what it is read as
 */
public sealed interface EitherShape<T> extends Shape<T> {

  /** One word where that says all, else a section. */
  record WordOrSection<T>(Choice<T> word, Section<T> section) implements EitherShape<T> {

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      return switch (node) {
        case Node.Mapping mapping -> section.bind(mapping, problems);
        case Node.Scalar scalar when !scalar.empty() && word.words().containsKey(scalar.text()) ->
            word.read(name, node, problems);
        default -> Shape.mismatch(name, form(), node, problems);
      };
    }

    @Override
    public String form() {
      return word.form()
          + ", or keys with values: "
          + String.join(", ", section.keys().stream().map(Keys.Key::name).toList());
    }

    @Override
    public Optional<Object> show(T value) {
      return word.show(value);
    }
  }

  /** Text, or a section that says more. */
  record TextOrSection<T>(Text<T> text, Section<T> section) implements EitherShape<T> {

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      return switch (node) {
        case Node.Mapping mapping -> section.bind(mapping, problems);
        case Node.Scalar scalar when !scalar.empty() -> text.read(name, node, problems);
        default -> Shape.mismatch(name, form(), node, problems);
      };
    }

    @Override
    public String form() {
      return text.form()
          + ", or keys with values: "
          + section.keys().stream().<String>map(Keys.Key::name).collect(Collectors.joining(", "));
    }

    @Override
    public Optional<Object> show(T value) {
      return Optional.empty();
    }
  }
}
