package dev.mayfly.detect;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What beside one event that its condition holds of makes a rule match. */
public sealed interface Timing {
  /** Nothing. */
  Timing ONCE = new Once();

  /** Every such event is a match. */
  record Once() implements Timing {}

  /**
   * There must be several such events.
   *
   * @param least how many
   * @param within the time between the first and the last of them
   * @param distinct the field of which they must have different values
   * @param by what must be the same for all
   */
  record Count(int least, Duration within, Optional<String> distinct, By by) implements Timing {}

  /**
   * Others must come before.
   *
   * @param before what holds of them, in this order
   * @param within the time between the first of them and the event
   * @param by what must be the same for all
   */
  record Sequence(List<Condition> before, Duration within, By by) implements Timing {
    public Sequence {
      before = List.copyOf(before);
    }
  }

  /** What events must have in common to belong together. */
  enum By {
    SANDBOX,
    PROCESS,
    PARENT,
    SESSION;

    /** The word for it in rules. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
