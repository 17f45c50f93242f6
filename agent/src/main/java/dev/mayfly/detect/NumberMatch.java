package dev.mayfly.detect;

import java.util.Set;
import java.util.function.LongPredicate;

/** What a number is compared with. */
sealed interface NumberMatch extends LongPredicate {

  /** It is one of these. */
  record OneOf(Set<Long> values) implements NumberMatch {
    public OneOf {
      values = Set.copyOf(values);
    }

    @Override
    public boolean test(long number) {
      return values.contains(number);
    }
  }

  /** It stands so to this. */
  record Compared(Order order, long value) implements NumberMatch {
    @Override
    public boolean test(long number) {
      return switch (order) {
        case EQUAL -> number == value;
        case OTHER -> number != value;
        case LESS -> number < value;
        case AT_MOST -> number <= value;
        case GREATER -> number > value;
        case AT_LEAST -> number >= value;
      };
    }
  }

  /** How two numbers can stand to each other. */
  enum Order {
    EQUAL,
    OTHER,
    LESS,
    AT_MOST,
    GREATER,
    AT_LEAST
  }
}
