package dev.mayfly.detect;

import dev.mayfly.policy.IpRange;
import java.util.List;

/**
 * A condition that was read and whose types are right. A test of a field that an event does not
 * have does not hold.
 */
sealed interface Expression {

  /** All of them hold. */
  record And(List<Expression> parts) implements Expression {
    public And {
      parts = List.copyOf(parts);
    }
  }

  /** At least one of them holds. */
  record Or(List<Expression> parts) implements Expression {
    public Or {
      parts = List.copyOf(parts);
    }
  }

  /** It does not hold. */
  record Not(Expression part) implements Expression {}

  /** It holds of a relative of the process. */
  record OfKin(Kin kin, Expression part) implements Expression {}

  /** A yes/no field has this value. */
  record Says(Field.Flag field, boolean value) implements Expression {}

  /** A number compares. */
  record Counts(Field.Numeric field, NumberMatch match) implements Expression {}

  /** A text compares. */
  record Reads(Field.Text field, TextMatch match) implements Expression {}

  /** A word of a choice compares. */
  record Chooses(Field.Choice field, TextMatch.OneOf match) implements Expression {}

  /** One of several texts compares. */
  record Holds(Field.Texts field, TextMatch match) implements Expression {}

  /** An address is in one of the ranges. */
  record Lies(Field.Address field, List<IpRange> ranges) implements Expression {
    public Lies {
      ranges = List.copyOf(ranges);
    }
  }

  /** Whose process is looked at. */
  enum Kin {
    PARENT("parent"),
    ANCESTOR("ancestor"),
    SELF_OR_ANCESTOR("self-or-ancestor");

    private final String word;

    Kin(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }
}
