package dev.mayfly.policy;

/**
 * Which names a rule means.
 *
 * @param below every name below the base at any depth, but not the base itself; else the base alone
 */
public record DomainPattern(boolean below, DomainName base) {
  /**
   * Reads {@code name} or {@code *.name}.
   *
   * @throws IllegalArgumentException where the text is neither
   */
  public static DomainPattern parse(String text) {
    return text.startsWith("*.")
        ? new DomainPattern(true, DomainName.parse(text.substring(2)))
        : new DomainPattern(false, DomainName.parse(text));
  }

  public boolean matches(DomainName name) {
    return below ? name.isBelow(base) : name.equals(base);
  }

  @Override
  public String toString() {
    return below ? "*." + base : base.toString();
  }
}
