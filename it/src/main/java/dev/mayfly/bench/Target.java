package dev.mayfly.bench;

import java.math.BigDecimal;

/**
 * What a measured number is wanted to be.
 *
 * @param atLeast whether more is better
 */
record Target(boolean atLeast, double bound) {
  static Target atLeast(double bound) {
    return new Target(true, bound);
  }

  static Target atMost(double bound) {
    return new Target(false, bound);
  }

  boolean isMet(double measured) {
    return atLeast ? measured >= bound : measured <= bound;
  }

  /**
   * For a table.
   *
   * @param shown the number as a person is to read it
   */
  String judged(String shown, double measured) {
    return "**%s** (target %s %s: %s)"
        .formatted(
            shown,
            atLeast ? "≥" : "≤",
            BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString(),
            isMet(measured) ? "met" : "missed");
  }
}
