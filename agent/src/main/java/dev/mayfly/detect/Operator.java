package dev.mayfly.detect;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a field can be compared. */
enum Operator {
  EQUAL("="),
  OTHER("!="),
  LESS("<"),
  AT_MOST("<="),
  GREATER(">"),
  AT_LEAST(">="),
  IN("in"),
  HAS("has"),
  CONTAINS("contains"),
  STARTS("startswith"),
  ENDS("endswith"),
  GLOB("glob"),
  MATCHES("matches"),
  WITHIN("within");

  private final String word;

  Operator(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  static Optional<Operator> of(Token token) {
    return Arrays.stream(values())
        .filter(
            operator ->
                token.is(operator.isWord() ? Token.Kind.WORD : Token.Kind.SIGN, operator.word))
        .findFirst();
  }

  private boolean isWord() {
    return Character.isLetter(word.charAt(0));
  }

  /** Those that are words. */
  static List<String> words() {
    return Arrays.stream(values()).filter(Operator::isWord).map(Operator::word).toList();
  }

  boolean takesList() {
    return switch (this) {
      case EQUAL, OTHER, LESS, AT_MOST, GREATER, AT_LEAST -> false;
      case IN, HAS, CONTAINS, STARTS, ENDS, GLOB, MATCHES, WITHIN -> true;
    };
  }

  boolean takesSingle() {
    return this != IN;
  }

  /** Those that a field can be compared by. */
  static List<Operator> of(Field field) {
    return switch (field) {
      case Field.Flag _ -> List.of(EQUAL, OTHER);
      case Field.Numeric _ -> List.of(EQUAL, OTHER, LESS, AT_MOST, GREATER, AT_LEAST, IN);
      case Field.Text _ -> List.of(EQUAL, OTHER, IN, CONTAINS, STARTS, ENDS, GLOB, MATCHES);
      case Field.Choice _ -> List.of(EQUAL, OTHER, IN);
      case Field.Texts _ -> List.of(HAS, CONTAINS, STARTS, ENDS, GLOB, MATCHES);
      case Field.Address _ -> List.of(WITHIN);
    };
  }

  /** The same for a person. */
  static String wordsFor(Field field) {
    return of(field).stream().map(Operator::word).collect(Collectors.joining(", "));
  }
}
