package dev.mayfly.yaml;

import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import dev.mayfly.yaml.Node.Scalar.Kind;
import java.math.BigDecimal;
import java.util.Collections;
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
public sealed interface Shape<T>
    permits Shape.Text,
        Shape.Bounded,
        Shape.Numeric,
        Shape.Flag,
        Shape.Choice,
        Shape.Written,
        Shape.Parsed,
        Shape.Section,
        Shape.Referring,
        Shape.FreeKeys,
        Shape.Any,
        ListShape,
        EitherShape {

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

  /** Reports a value of the wrong kind. */
  static <T> Optional<T> mismatch(String name, String form, Node node, Problems problems) {
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

    public static Numeric<Integer> ofInt(Range<Integer> range) {
      return new Numeric<>(
          new Range<>(BigDecimal.valueOf(range.least()), BigDecimal.valueOf(range.most())),
          0,
          BigDecimal::intValueExact);
    }

    public static Numeric<Long> ofLong(Range<Long> range) {
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

    public static <T> Choice<T> of(List<T> values, Function<T, String> word) {
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

  /** Any single value, as the text that the file has for it. */
  record Written() implements Shape<String> {

    @Override
    public Optional<String> read(String name, Node node, Problems problems) {
      return node instanceof Node.Scalar scalar && !scalar.empty()
          ? Optional.of(scalar.text())
          : mismatch(name, form(), node, problems);
    }

    @Override
    public String form() {
      return "a single value";
    }

    @Override
    public Optional<Object> show(String value) {
      return Optional.of(value);
    }
  }

  /**
   * Text with a language of its own, whose errors are told at their places in the text.
   *
   * @param example shown in messages and schema
   */
  record Parsed<T>(String example, Parser<T> parser) implements Shape<T> {

    /**
     * Reads a text.
     *
     * @param <T> what it is read as
     */
    @FunctionalInterface
    public interface Parser<T> {
      /**
       * The value.
       *
       * @return empty where something is wrong, which was complained about then
       */
      Optional<T> parse(String text, Complaints complaints);
    }

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      if (!(node instanceof Node.Scalar scalar) || scalar.empty()) {
        return mismatch(name, form(), node, problems);
      }
      return parser.parse(scalar.text(), problems.within(scalar));
    }

    @Override
    public String form() {
      return "text such as " + example;
    }

    @Override
    public Optional<Object> show(T value) {
      return Optional.empty();
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
    public List<Keys.Key<?>> keys() {
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
   * A value that may name what another key of the file defines; {@link Keys#checkReferences} looks
   * whether it does.
   *
   * @param reference the name, where the value has one
   */
  record Referring<T>(Shape<T> shape, Function<T, Optional<String>> reference) implements Shape<T> {

    @Override
    public Optional<T> read(String name, Node node, Problems problems) {
      Optional<T> value = shape.read(name, node, problems);
      value.flatMap(reference).ifPresent(to -> problems.refer(node.at(), to));
      return value;
    }

    @Override
    public String form() {
      return shape.form();
    }

    @Override
    public Optional<Object> show(T value) {
      return shape.show(value);
    }
  }

  /**
   * Keys that the file's writer chooses.
   *
   * @param key how they are written
   */
  record FreeKeys<T>(Text<String> key, Shape<T> value) implements Shape<Map<String, T>> {

    @Override
    public Optional<Map<String, T>> read(String name, Node node, Problems problems) {
      if (node instanceof Node.Scalar scalar && scalar.empty()) {
        return Optional.of(Map.of());
      }
      if (!(node instanceof Node.Mapping mapping)) {
        return mismatch(name, form(), node, problems);
      }
      int before = problems.count();
      Map<String, T> values = new LinkedHashMap<>();
      for (Node.Entry entry : mapping.entries()) {
        Node.Scalar written = new Node.Scalar(entry.at(), Kind.TEXT, entry.key());
        Optional<String> read = key.read("a key of " + name, written, problems);
        Optional<T> its = value.read(Quote.escape(entry.key()), entry.value(), problems);
        read.ifPresent(k -> its.ifPresent(v -> values.put(k, v)));
      }
      return problems.count() == before
          ? Optional.of(Collections.unmodifiableMap(values))
          : Optional.empty();
    }

    @Override
    public String form() {
      return "keys with values, such as \"" + key.example() + "\": …";
    }

    @Override
    public Optional<Object> show(Map<String, T> value) {
      return Optional.empty();
    }
  }

  /**
   * Whatever YAML can say, for somebody else: text, {@code Long}, {@code Double}, {@code Boolean},
   * a list, or a map in the order of the file.
   */
  record Any() implements Shape<Object> {

    @Override
    public Optional<Object> read(String name, Node node, Problems problems) {
      return switch (node) {
        case Node.Scalar scalar when scalar.empty() -> mismatch(name, form(), node, problems);
        case Node.Scalar scalar -> Optional.of(single(scalar));
        case Node.Sequence sequence ->
            all(sequence.items(), item -> read(name, item, problems)).map(Object.class::cast);
        case Node.Mapping mapping -> {
          Map<String, Object> values = new LinkedHashMap<>();
          Optional<List<Object>> read =
              all(
                  mapping.entries(),
                  entry -> {
                    Optional<Object> value = read(entry.key(), entry.value(), problems);
                    value.ifPresent(v -> values.put(entry.key(), v));
                    return value;
                  });
          yield read.map(_ -> Collections.unmodifiableMap(values));
        }
        case Node.Broken _ -> Optional.empty();
      };
    }

    private static <N> Optional<List<Object>> all(
        List<N> nodes, Function<N, Optional<Object>> reading) {
      List<Optional<Object>> read = nodes.stream().map(reading).toList();
      return read.stream().allMatch(Optional::isPresent)
          ? Optional.of(read.stream().flatMap(Optional::stream).toList())
          : Optional.empty();
    }

    private static Object single(Node.Scalar scalar) {
      String text = scalar.text();
      return switch (scalar.kind()) {
        case BOOLEAN -> text.equalsIgnoreCase("true");
        case NUMBER -> text.matches("-?[0-9]{1,18}") ? Long.valueOf(text) : number(text);
        case TEXT, NULL -> text;
      };
    }

    /** What YAML takes for a number and Java for none, such as {@code 0x1f}, stays text. */
    private static Object number(String text) {
      try {
        double number = Double.parseDouble(text);
        return Double.isFinite(number) ? (Object) number : text;
      } catch (NumberFormatException e) {
        return text;
      }
    }

    @Override
    public String form() {
      return "a value";
    }

    @Override
    public Optional<Object> show(Object value) {
      return Optional.empty();
    }
  }
}
