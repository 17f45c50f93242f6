package dev.mayfly.config;

import dev.mayfly.config.Node.Scalar.Kind;
import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * How one kind of value is written in the file. The parser reads with it and the JSON Schema is
 * made from it, so the two cannot differ.
 *
 * @param <T> what it is read as
 */
sealed interface Shape<T> {

  /**
   * Reads the value of a key.
   *
   * @param name the key, for messages
   * @return empty where something is wrong with it, which is among the problems then
   */
  Optional<T> read(String name, Node node, Problems problems);

  /** What is expected, as the end of "must be …". */
  String form();

  /** The value as a single JSON value, where it can be written as one. */
  Optional<Object> show(T value);

  private static <T> Optional<T> mismatch(String name, String form, Node node, Problems problems) {
    String found =
        switch (node) {
          case Node.Scalar scalar when scalar.empty() -> "nothing: write a value or delete the key";
          case Node.Scalar scalar -> Quote.of(scalar.text());
          case Node.Sequence _ -> "a list";
          case Node.Mapping _ -> "keys with values";
          case Node.Broken _ -> "";
        };
    if (!found.isEmpty()) {
      problems.add(node.at(), name + " must be " + form + ", not " + found);
    }
    return Optional.empty();
  }

  /**
   * Text with a form of its own, such as {@code 4GiB}.
   *
   * @param example shown in messages and schema
   * @param pattern what the text must match as a whole, in the dialect that Java and ECMA-262 share
   * @param parse throws {@link IllegalArgumentException} with cause and remedy
   * @param show what {@code parse} reads as the same value
   */
  record Text<T>(
      String example, String pattern, Function<String, T> parse, Function<T, String> show)
      implements Shape<T> {

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      if (!(node instanceof Node.Scalar scalar) || scalar.empty()) {
        return mismatch(name, form(), node, problems);
      }
      try {
        T value = parse.apply(scalar.text());
        if (scalar.kind() == Kind.TEXT) {
          return Optional.of(value);
        }
        problems.add(
            scalar.at(),
            "%s is text: write it in quotes: \"%s\"".formatted(name, Quote.escape(scalar.text())));
      } catch (IllegalArgumentException e) {
        problems.add(scalar.at(), name + ": " + e.getMessage());
      }
      return Optional.empty();
    }

    @Override
    public String form() {
      return "text such as " + example;
    }

    @Override
    public Optional<Object> show(T value) {
      return Optional.of(show.apply(value));
    }
  }

  /** Text whose value has a least and a most. */
  record Bounded<T extends Comparable<T>>(Text<T> text, Range<T> range) implements Shape<T> {

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      Optional<T> value = text.read(name, node, problems);
      try {
        return value.map(v -> range.require(name, v));
      } catch (IllegalArgumentException e) {
        problems.add(node.at(), String.valueOf(e.getMessage()));
        return Optional.empty();
      }
    }

    @Override
    public String form() {
      return text.form();
    }

    @Override
    public Optional<Object> show(T value) {
      return text.show(value);
    }
  }

  /**
   * A number in decimal digits.
   *
   * @param decimals at most so many digits after the point
   */
  record Numeric<T>(Range<BigDecimal> range, int decimals, Function<BigDecimal, T> convert)
      implements Shape<T> {
    private static final Pattern DIGITS =
        Pattern.compile("-?(?:0|[1-9][0-9]{0,17})(?:\\.[0-9]{1,18})?");

    static Numeric<Integer> ofInt(Range<Integer> range) {
      return new Numeric<>(
          new Range<>(BigDecimal.valueOf(range.least()), BigDecimal.valueOf(range.most())),
          0,
          BigDecimal::intValueExact);
    }

    static Numeric<Long> ofLong(Range<Long> range) {
      return new Numeric<>(
          new Range<>(BigDecimal.valueOf(range.least()), BigDecimal.valueOf(range.most())),
          0,
          BigDecimal::longValueExact);
    }

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      if (!(node instanceof Node.Scalar scalar) || !DIGITS.matcher(scalar.text()).matches()) {
        return mismatch(name, form(), node, problems);
      }
      if (scalar.kind() != Kind.NUMBER) {
        problems.add(scalar.at(), name + " is a number: write it without quotes: " + scalar.text());
        return Optional.empty();
      }
      BigDecimal number = new BigDecimal(scalar.text());
      if (number.stripTrailingZeros().scale() > decimals) {
        return mismatch(name, form(), node, problems);
      }
      try {
        return Optional.of(convert.apply(range.require(name, number)));
      } catch (IllegalArgumentException e) {
        problems.add(scalar.at(), String.valueOf(e.getMessage()));
        return Optional.empty();
      }
    }

    @Override
    public String form() {
      return (decimals == 0 ? "a whole number" : "a number with at most " + decimals + " decimals")
          + " between "
          + range.least().toPlainString()
          + " and "
          + range.most().toPlainString();
    }

    @Override
    public Optional<Object> show(T value) {
      return Optional.of(value);
    }
  }

  /** {@code true} or {@code false}. */
  record Flag() implements Shape<Boolean> {

    @Override
    public Optional<Boolean> read(String name, Node node, Problems problems) {
      return node instanceof Node.Scalar scalar && scalar.kind() == Kind.BOOLEAN
          ? Optional.of(scalar.text().equalsIgnoreCase("true"))
          : mismatch(name, form(), node, problems);
    }

    @Override
    public String form() {
      return "true or false without quotes";
    }

    @Override
    public Optional<Object> show(Boolean value) {
      return Optional.of(value);
    }
  }

  /** One of a few words. */
  record Choice<T>(Map<String, T> words) implements Shape<T> {

    public Choice {
      words = Collections.unmodifiableMap(new LinkedHashMap<>(words));
    }

    static <T> Choice<T> of(List<T> values, Function<T, String> word) {
      Map<String, T> words = new LinkedHashMap<>();
      values.forEach(value -> words.put(word.apply(value), value));
      return new Choice<>(words);
    }

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      if (node instanceof Node.Scalar scalar && words.containsKey(scalar.text())) {
        return Optional.ofNullable(words.get(scalar.text()));
      }
      return mismatch(name, form(), node, problems);
    }

    @Override
    public String form() {
      return "one of " + String.join(", ", words.keySet());
    }

    @Override
    public Optional<Object> show(T value) {
      return words.entrySet().stream()
          .filter(entry -> entry.getValue().equals(value))
          .<Object>map(Map.Entry::getKey)
          .findFirst();
    }
  }

  /**
   * Keys with values of their own.
   *
   * @param reader takes each key from {@link Keys} whatever the file says, and makes the value;
   *     {@link IllegalArgumentException} from it is reported at the key that its message begins
   *     with
   */
  record Section<T>(Function<Keys, T> reader) implements Shape<T> {

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      return switch (node) {
        case Node.Mapping mapping -> bind(mapping, problems);
        case Node.Scalar scalar when scalar.empty() ->
            bind(new Node.Mapping(scalar.at(), List.of()), problems);
        default -> mismatch(name, form(), node, problems);
      };
    }

    Optional<T> bind(Node.Mapping mapping, Problems problems) {
      Keys keys = new Keys(mapping, problems);
      int before = problems.count();
      try {
        return Optional.of(reader.apply(keys));
      } catch (IllegalArgumentException e) {
        // Where a key could not be read its default took part, so the complaint may be untrue.
        if (problems.count() == before) {
          String message = String.valueOf(e.getMessage());
          problems.add(
              keys.placeOf(message.substring(0, message.indexOf(' ') + 1).strip()), message);
        }
        return Optional.empty();
      } finally {
        keys.reportUnknown();
      }
    }

    /** The keys that the reader asks for. */
    List<Keys.Key<?>> keys() {
      return Keys.askedBy(reader);
    }

    @Override
    public String form() {
      return "keys with values, such as " + keys().getFirst().name() + ": …";
    }

    @Override
    public Optional<Object> show(T value) {
      return Optional.empty();
    }
  }

  /**
   * A list of sections.
   *
   * @param noun what one item is
   * @param identity the key whose value differs from item to item
   */
  record Items<T>(String noun, String identity, Section<T> item) implements Shape<List<T>> {

    @Override
    public Optional<List<T>> read(String name, Node node, Problems problems) {
      if (node instanceof Node.Scalar scalar && scalar.empty()) {
        return Optional.of(List.of());
      }
      if (!(node instanceof Node.Sequence sequence)) {
        return mismatch(name, form(), node, problems);
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

  /** One word where that says all, else a section. */
  record WordOrSection<T>(Choice<T> word, Section<T> section) implements Shape<T> {

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      return switch (node) {
        case Node.Mapping mapping -> section.bind(mapping, problems);
        case Node.Scalar scalar when !scalar.empty() && word.words().containsKey(scalar.text()) ->
            word.read(name, node, problems);
        default -> mismatch(name, form(), node, problems);
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
}
