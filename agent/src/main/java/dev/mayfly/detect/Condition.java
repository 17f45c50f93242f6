package dev.mayfly.detect;

import dev.mayfly.yaml.Complaints;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What must hold of an event, as a rule says it. */
public final class Condition {
  private final String text;
  private final Expression expression;
  private final Set<EventKind> kinds;
  private final Check check;

  private Condition(String text, Expression expression) {
    this.text = text;
    this.expression = expression;
    this.kinds = Set.copyOf(Reach.of(expression).possible());
    this.check = Check.of(expression);
  }

  /**
   * Reads a condition.
   *
   * @param lists by their names
   * @return empty where something is wrong, which was complained about then
   */
  static Optional<Condition> parse(
      String text, Map<String, List<String>> lists, Complaints complaints) {
    return ConditionParser.parse(text, lists, complaints)
        .map(expression -> new Condition(text.strip(), expression));
  }

  /** As it is written. */
  public String text() {
    return text;
  }

  Expression expression() {
    return expression;
  }

  /** Of events of other kinds it does not hold. */
  Set<EventKind> kinds() {
    return kinds;
  }

  boolean holds(Scene scene) {
    return check.holds(scene, scene.actor());
  }

  @Override
  public String toString() {
    return text;
  }
}
