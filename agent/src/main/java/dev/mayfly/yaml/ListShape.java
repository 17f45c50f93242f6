package dev.mayfly.yaml;

import dev.mayfly.policy.Quote;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * How lists are written.
 *
 * @param <T> what the whole is read as
 */
public sealed interface ListShape<T> extends Shape<T> {

  /**
   * A list of sections.
   *
   * @param noun what one item is
   * @param identity the key whose value differs from item to item
   */
  record Items<T>(String noun, String identity, Section<T> item) implements ListShape<List<T>> {

    @Override
    public Optional<List<T>> read(String name, Node node, Problems problems) {
      if (node instanceof Node.Scalar scalar && scalar.empty()) {
        return Optional.of(List.of());
      }
      if (!(node instanceof Node.Sequence sequence)) {
        return Shape.mismatch(name, form(), node, problems);
      }
      int before = problems.count();
      List<T> values = new ArrayList<>();
      Map<String, Position> seen = new HashMap<>();
      for (Node element : sequence.items()) {
        item.read("a " + noun, element, problems).ifPresent(values::add);
        identityOf(element).ifPresent(scalar -> requireNew(scalar, seen, problems));
      }
      return problems.count() == before ? Optional.of(values) : Optional.empty();
    }

    private Optional<Node.Scalar> identityOf(Node element) {
      return element instanceof Node.Mapping mapping
          ? mapping.entries().stream()
              .filter(entry -> entry.key().equals(identity))
              .map(Node.Entry::value)
              .filter(Node.Scalar.class::isInstance)
              .map(Node.Scalar.class::cast)
              .findFirst()
          : Optional.empty();
    }

    private void requireNew(Node.Scalar scalar, Map<String, Position> seen, Problems problems) {
      Position first = seen.putIfAbsent(scalar.text(), scalar.at());
      if (first != null) {
        problems.add(
            scalar.at(),
            "a %s is named %s in line %d already: give this one another %s"
                .formatted(noun, Quote.of(scalar.text()), first.line(), identity));
      }
    }

    @Override
    public String form() {
      return "a list with a line \"- " + identity + ": …\" for each " + noun;
    }

    @Override
    public Optional<Object> show(List<T> value) {
      return Optional.empty();
    }
  }

  /**
   * A list of values.
   *
   * @param noun what one value is
   * @param identity by what two values are the same, and one of them too many
   */
  record Values<T>(String noun, Shape<T> value, Function<T, Object> identity)
      implements ListShape<List<T>> {

    @Override
    public Optional<List<T>> read(String name, Node node, Problems problems) {
      if (!(node instanceof Node.Sequence sequence)) {
        return Shape.mismatch(name, form(), node, problems);
      }
      int before = problems.count();
      List<T> values = new ArrayList<>();
      Map<Object, Position> seen = new HashMap<>();
      for (Node element : sequence.items()) {
        Optional<T> read = value.read(noun, element, problems);
        read.ifPresent(values::add);
        read.map(v -> seen.putIfAbsent(identity.apply(v), element.at()))
            .ifPresent(
                first ->
                    problems.add(
                        element.at(),
                        "the same %s is in line %d already: delete one of them"
                            .formatted(noun, first.line())));
      }
      return problems.count() == before ? Optional.of(values) : Optional.empty();
    }

    @Override
    public String form() {
      return "a list, such as [" + example() + "]";
    }

    private String example() {
      return value instanceof Text<T> text ? text.example() : "…";
    }

    @Override
    public Optional<Object> show(List<T> values) {
      List<Object> shown = new ArrayList<>();
      values.forEach(one -> value.show(one).ifPresent(shown::add));
      return shown.size() == values.size() ? Optional.of(shown) : Optional.empty();
    }
  }

  /** One text, or a list of at least one. */
  record OneOrMore<T>(Values<T> list, Text<T> one) implements ListShape<List<T>> {

    public OneOrMore(String noun, Text<T> one) {
      this(new Values<>(noun, one, Function.identity()::apply), one);
    }

    @Override
    public Optional<List<T>> read(String name, Node node, Problems problems) {
      if (node instanceof Node.Sequence sequence && !sequence.items().isEmpty()) {
        return list.read(name, node, problems);
      }
      return node instanceof Node.Scalar scalar && !scalar.empty()
          ? one.read(name, node, problems).map(List::of)
          : Shape.mismatch(name, form(), node, problems);
    }

    @Override
    public String form() {
      return one.form() + ", or a list of them";
    }

    @Override
    public Optional<Object> show(List<T> values) {
      return Optional.empty();
    }
  }

  /** A list, or a word that stands for one. */
  record WordOrList<T>(Choice<List<T>> word, Values<T> list) implements ListShape<List<T>> {

    @Override
    public Optional<List<T>> read(String name, Node node, Problems problems) {
      return switch (node) {
        case Node.Sequence _ -> list.read(name, node, problems);
        case Node.Scalar scalar when !scalar.empty() && word.words().containsKey(scalar.text()) ->
            word.read(name, node, problems);
        default -> Shape.mismatch(name, form(), node, problems);
      };
    }

    @Override
    public String form() {
      return String.join(", ", word.words().keySet()) + ", or " + list.form();
    }

    @Override
    public Optional<Object> show(List<T> values) {
      return word.show(values);
    }
  }
}
