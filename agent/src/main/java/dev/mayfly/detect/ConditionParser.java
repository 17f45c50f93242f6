package dev.mayfly.detect;

import dev.mayfly.detect.Token.Kind;
import dev.mayfly.policy.Quote;
import dev.mayfly.yaml.Complaints;
import dev.mayfly.yaml.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a condition and checks its types. What is wrong with one test does not keep it from the
 * next, so that all of it is told together.
 */
final class ConditionParser {
  private static final int LONGEST = 10_000;
  private static final int DEEPEST = 50;
  private static final Set<String> JOINS = Set.of("and", "or", "not");

  /** What stands where something is wrong; nobody sees it, for the reading fails. */
  private static final Expression STAND_IN = new Expression.Or(List.of());

  private final List<Token> tokens;
  private final Map<String, List<String>> lists;
  private final Complaints complaints;
  private int next;
  private int depth;

  /** Of which relative the fields are now; empty: of the process itself. */
  private Optional<Expression.Kin> kin = Optional.empty();

  private ConditionParser(
      List<Token> tokens, Map<String, List<String>> lists, Complaints complaints) {
    this.tokens = tokens;
    this.lists = lists;
    this.complaints = complaints;
  }

  /**
   * Reads a condition.
   *
   * @param lists by their names
   * @return empty where something is wrong, which was complained about then
   */
  static Optional<Expression> parse(
      String condition, Map<String, List<String>> lists, Complaints complaints) {
    int[] wrong = {0};
    Complaints counted =
        (offset, message) -> {
          wrong[0]++;
          complaints.add(offset, message);
        };
    try {
      if (condition.length() > LONGEST) {
        throw new Misread(
            0, "a condition has at most " + LONGEST + " characters: make several rules of it");
      }
      ConditionParser parser = new ConditionParser(Token.of(condition), lists, counted);
      Expression expression = parser.or();
      if (parser.peek().kind() != Kind.END) {
        throw parser.unexpected("\"and\", \"or\" or the end");
      }
      if (wrong[0] == 0 && Reach.of(expression).possible().isEmpty()) {
        counted.add(
            0, "this can never hold: no kind of event has all the fields that it needs together");
      }
      return wrong[0] == 0 ? Optional.of(expression) : Optional.empty();
    } catch (Misread e) {
      complaints.add(e.offset(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Expression or() throws Misread {
    List<Expression> parts = new ArrayList<>(List.of(and()));
    while (takeWord("or")) {
      parts.add(and());
    }
    return parts.size() == 1 ? parts.getFirst() : new Expression.Or(parts);
  }

  private Expression and() throws Misread {
    List<Expression> parts = new ArrayList<>(List.of(unary()));
    while (takeWord("and")) {
      parts.add(unary());
    }
    return parts.size() == 1 ? parts.getFirst() : new Expression.And(parts);
  }

  private Expression unary() throws Misread {
    Token first = peek();
    if (++depth > DEEPEST) {
      throw new Misread(
          first.offset(), "nested more than " + DEEPEST + " levels deep: make several rules of it");
    }
    try {
      if (takeWord("not")) {
        return new Expression.Not(unary());
      }
      if (takeSign("(")) {
        return closed(first);
      }
      if (first.kind() != Kind.WORD || JOINS.contains(first.text())) {
        throw unexpected("a field, \"not\" or \"(\"");
      }
      next++;
      return peek().is(Kind.SIGN, "(") ? ofKin(first) : test(first);
    } finally {
      depth--;
    }
  }

  private Expression closed(Token open) throws Misread {
    Expression inner = or();
    if (!takeSign(")")) {
      if (peek().kind() == Kind.END) {
        throw new Misread(open.offset(), "this parenthesis is never closed: add a )");
      }
      throw unexpected("\"and\", \"or\" or \")\"");
    }
    return inner;
  }

  private Expression ofKin(Token word) throws Misread {
    Optional<Expression.Kin> named =
        Stream.of(Expression.Kin.values())
            .filter(one -> one.word().equals(word.text()))
            .findFirst();
    if (named.isEmpty()) {
      List<String> words = Stream.of(Expression.Kin.values()).map(Expression.Kin::word).toList();
      complaints.add(
          word.offset(),
          Quote.of(word.text()) + " is not of whom a condition can be" + meant(word.text(), words));
    } else if (kin.isPresent()) {
      complaints.add(
          word.offset(),
          word.text()
              + " is already within "
              + kin.get().word()
              + ": write the two conditions beside each other");
    }
    Optional<Expression.Kin> outer = kin;
    kin = named.or(() -> Optional.of(Expression.Kin.PARENT));
    Token open = peek();
    next++;
    Expression inner = closed(open);
    kin = outer;
    return named.<Expression>map(its -> new Expression.OfKin(its, inner)).orElse(STAND_IN);
  }

  private Expression test(Token name) throws Misread {
    Optional<Field> field = Fields.named(name.text());
    if (field.isEmpty()) {
      complaints.add(
          name.offset(),
          "there is no field " + Quote.of(name.text()) + meant(name.text(), Fields.names()));
    }
    field
        .filter(its -> kin.isPresent() && !its.about().ofAnyProcess())
        .ifPresent(
            its ->
                complaints.add(
                    name.offset(),
                    its.name()
                        + " is of the event, not of its process's relatives: write it outside of "
                        + kin.orElseThrow().word()
                        + "(…)"));
    if (endsTest(peek())) {
      return field.map(its -> alone(its, name.offset())).orElse(STAND_IN);
    }
    Token sign = peek();
    Optional<Operator> operator = Operator.of(sign);
    if (operator.isEmpty()) {
      if (sign.kind() != Kind.WORD) {
        throw unexpected("an operator, such as = or in, after " + name.text());
      }
      complaints.add(
          sign.offset(),
          sign.shown() + " is not an operator" + meant(sign.text(), Operator.words()));
    }
    next++;
    Operand operand = operand();
    if (field.isEmpty() || operator.isEmpty()) {
      return STAND_IN;
    }
    return new TypeCheck(complaints)
        .test(field.get(), operator.get(), sign.offset(), operand)
        .orElse(STAND_IN);
  }

  private static boolean endsTest(Token token) {
    return token.kind() == Kind.END
        || token.is(Kind.SIGN, ")")
        || token.is(Kind.WORD, "and")
        || token.is(Kind.WORD, "or");
  }

  private Expression alone(Field field, int offset) {
    if (field instanceof Field.Flag flag) {
      return new Expression.Says(flag, true);
    }
    complaints.add(
        offset,
        "%s is of type %s: compare it with something, by %s"
            .formatted(field.name(), field.type(), Operator.wordsFor(field)));
    return STAND_IN;
  }

  private Operand operand() throws Misread {
    Token first = peek();
    if (first.kind() == Kind.LIST) {
      next++;
      return named(first);
    }
    if (!takeSign("[")) {
      return new Operand(first.offset(), List.of(value()), Operand.Form.SINGLE);
    }
    List<Operand.Value> values = new ArrayList<>(List.of(value()));
    while (!takeSign("]")) {
      if (!takeSign(",")) {
        throw unexpected("\",\" or \"]\"");
      }
      values.add(value());
    }
    return new Operand(first.offset(), values, Operand.Form.LIST);
  }

  private Operand named(Token name) {
    List<String> values = lists.get(name.text());
    if (values == null) {
      complaints.add(
          name.offset(),
          "there is no list " + name.shown() + meant(name.text(), lists.keySet(), "$"));
      return new Operand(name.offset(), List.of(), Operand.Form.BROKEN);
    }
    if (values.isEmpty()) {
      complaints.add(name.offset(), "list " + name.shown() + " has nothing in it: give it values");
    }
    return new Operand(
        name.offset(),
        values.stream().map(text -> new Operand.Value(name.offset(), text)).toList(),
        Operand.Form.NAMED);
  }

  private Operand.Value value() throws Misread {
    Token token = peek();
    if (token.kind() == Kind.QUOTED
        || (token.kind() == Kind.WORD && !JOINS.contains(token.text()))) {
      next++;
      return new Operand.Value(token.offset(), token.text());
    }
    if (token.kind() == Kind.WORD) {
      throw unexpected("a value (in quotes if the word itself is meant)");
    }
    throw unexpected("a value");
  }

  private static String meant(String written, Collection<String> words) {
    return meant(written, words, "");
  }

  private static String meant(String written, Collection<String> words, String sign) {
    return Nearest.to(written, words)
        .map(near -> ", did you mean " + Quote.of(sign + near) + "?")
        .orElseGet(
            () ->
                words.isEmpty()
                    ? ": none is defined"
                    : ": the known ones are " + sign + String.join(", " + sign, words));
  }

  private Token peek() {
    return tokens.get(next);
  }

  private boolean takeWord(String word) {
    return take(Kind.WORD, word);
  }

  private boolean takeSign(String sign) {
    return take(Kind.SIGN, sign);
  }

  private boolean take(Kind kind, String text) {
    boolean found = peek().is(kind, text);
    next += found ? 1 : 0;
    return found;
  }

  private Misread unexpected(String wanted) {
    return new Misread(peek().offset(), "expected " + wanted + ", not " + peek().shown());
  }
}
