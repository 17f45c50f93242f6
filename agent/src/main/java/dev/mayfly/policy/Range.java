package dev.mayfly.policy;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * What a setting may be at the least and at the most, both included.
 *
 * @param <T> the setting's type
 */
public record Range<T extends Comparable<T>>(T least, T most) {

  public Range {
    if (least.compareTo(most) > 0) {
      throw new IllegalArgumentException("a range from " + least + " down to " + most);
    }
  }

  /**
   * The value, where it is in range.
   *
   * @param name the setting's name in the configuration
   * @throws IllegalArgumentException with the name, both bounds and the value
   */
  public T require(String name, T value) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + " must be between " + show(least) + " and " + show(most) + ", not " + show(value));
    }
    return value;
  }

  /** As the configuration writes it. */
  private static String show(Object value) {
    return switch (value) {
      case Duration duration -> Durations.show(duration);
      case BigDecimal number -> number.toPlainString();
      default -> value.toString();
    };
  }
}
