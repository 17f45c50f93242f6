package dev.mayfly.detect;

import com.google.re2j.PatternSyntaxException;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Quote;
import dev.mayfly.yaml.Complaints;
import dev.mayfly.yaml.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes tests of fields, operators and values that fit each other, and tells which do not. */
final class TypeCheck {
  private static final int LONGEST_PATTERN = 1000;

  private final Complaints complaints;

  TypeCheck(Complaints complaints) {
    this.complaints = complaints;
  }

  /**
   * One test.
   *
   * @param at where the operator is
   * @return empty where it was complained about
   */
  Optional<Expression> test(Field field, Operator operator, int at, Operand operand) {
    if (!Operator.of(field).contains(operator)) {
      complaints.add(
          at,
          "%s is of type %s, which \"%s\" can't be asked of: use %s"
              .formatted(field.name(), field.type(), operator.word(), Operator.wordsFor(field)));
      return Optional.empty();
    }
    if (operand.form() == Operand.Form.BROKEN) {
      return Optional.empty();
    }
    if (operand.form() == Operand.Form.SINGLE ? !operator.takesSingle() : !operator.takesList()) {
      complaints.add(
          operand.offset(),
          operator.takesSingle()
              ? "\"%s\" takes one value, not a list".formatted(operator.word())
                  + (Operator.of(field).contains(Operator.IN) ? ": use in" : "")
              : "\"in\" takes a list: write [%s], or = for one value"
                  .formatted(operand.texts().getFirst()));
      return Optional.empty();
    }
    return switch (field) {
      case Field.Flag flag ->
          words(flag, List.of("yes", "no"), operand)
              .map(
                  said ->
                      new Expression.Says(
                          flag, said.contains("yes") == (operator == Operator.EQUAL)));
      case Field.Numeric number ->
          numbers(number, operand)
              .map(values -> new Expression.Counts(number, number(operator, values)));
      case Field.Text text ->
          match(operator, operand).map(match -> new Expression.Reads(text, match));
      case Field.Choice choice ->
          words(choice, choice.words(), operand)
              .map(said -> new Expression.Chooses(choice, chosen(choice, operator, said)));
      case Field.Texts texts -> texts(texts, operator, operand);
      case Field.Address address ->
          each(operand, IpRange::parse).map(ranges -> new Expression.Lies(address, ranges));
    };
  }

  private Optional<Expression> texts(Field.Texts field, Operator operator, Operand operand) {
    if (operator == Operator.HAS && !field.words().isEmpty()) {
      return words(field, field.words(), operand)
          .map(said -> new Expression.Holds(field, new TextMatch.OneOf(said)));
    }
    return match(operator, operand).map(match -> new Expression.Holds(field, match));
  }

  private static TextMatch.OneOf chosen(Field.Choice field, Operator operator, Set<String> said) {
    return new TextMatch.OneOf(
        operator == Operator.OTHER
            ? field.words().stream()
                .filter(word -> !said.contains(word))
                .collect(Collectors.toSet())
            : said);
  }

  private Optional<Set<String>> words(Field field, List<String> known, Operand operand) {
    return each(
            operand,
            text -> {
              if (known.contains(text)) {
                return text;
              }
              throw new IllegalArgumentException(
                  "%s is never %s%s"
                      .formatted(
                          field.name(),
                          Quote.of(text),
                          Nearest.to(text, known)
                              .map(near -> ", did you mean " + Quote.of(near) + "?")
                              .orElseGet(() -> ": it is one of " + String.join(", ", known))));
            })
        .map(Set::copyOf);
  }

  private Optional<List<Long>> numbers(Field field, Operand operand) {
    return each(
        operand,
        text -> {
          try {
            return text.startsWith("0x")
                ? Long.parseUnsignedLong(text, 2, text.length(), 16)
                : Long.parseLong(text);
          } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                field.name()
                    + " is a number, "
                    + Quote.of(text)
                    + " is none: write one such as 22, -1 or 0x10",
                e);
          }
        });
  }

  private static NumberMatch number(Operator operator, List<Long> values) {
    NumberMatch.Order order =
        switch (operator) {
          case OTHER -> NumberMatch.Order.OTHER;
          case LESS -> NumberMatch.Order.LESS;
          case AT_MOST -> NumberMatch.Order.AT_MOST;
          case GREATER -> NumberMatch.Order.GREATER;
          case AT_LEAST -> NumberMatch.Order.AT_LEAST;
          default -> NumberMatch.Order.EQUAL;
        };
    return values.size() == 1
        ? new NumberMatch.Compared(order, values.getFirst())
        : new NumberMatch.OneOf(Set.copyOf(values));
  }

  private Optional<TextMatch> match(Operator operator, Operand operand) {
    List<String> values = operand.texts();
    return switch (operator) {
      case OTHER -> Optional.of(new TextMatch.OtherThan(values.getFirst()));
      case CONTAINS -> each(operand, TypeCheck::requireText).map(TextMatch.Containing::new);
      case STARTS -> each(operand, TypeCheck::requireText).map(TextMatch.StartingWith::new);
      case ENDS -> each(operand, TypeCheck::requireText).map(TextMatch.EndingWith::new);
      case GLOB -> each(operand, PathPattern::parse).map(TextMatch.Like::new);
      case MATCHES -> each(operand, TypeCheck::pattern).map(TextMatch.Matching::new);
      default -> Optional.of(new TextMatch.OneOf(Set.copyOf(values)));
    };
  }

  private static String requireText(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("this is in every text: write some text in the quotes");
    }
    return text;
  }

  private static SearchPattern pattern(String text) {
    if (text.length() > LONGEST_PATTERN) {
      throw new IllegalArgumentException(
          "a regular expression has at most " + LONGEST_PATTERN + " characters: use several");
    }
    if (PatternSize.of(text) > PatternSize.MOST) {
      throw new IllegalArgumentException(
          "with its repetitions written out this is too large: use smaller numbers in {…}");
    }
    try {
      return SearchPattern.parse(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "%s is not a regular expression as RE2 has them: %s"
              .formatted(Quote.of(text), e.getMessage()),
          e);
    }
  }

  /** All values converted; empty where one could not be, which was complained about. */
  private <T> Optional<List<T>> each(Operand operand, Function<String, T> convert) {
    List<T> converted = new ArrayList<>();
    boolean wrong = false;
    for (Operand.Value value : operand.values()) {
      try {
        converted.add(convert.apply(value.text()));
      } catch (IllegalArgumentException e) {
        wrong = true;
        complaints.add(value.offset(), String.valueOf(e.getMessage()));
      }
    }
    return wrong ? Optional.empty() : Optional.of(converted);
  }
}
