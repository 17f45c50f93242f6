package dev.mayfly.policy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, at least one. */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  /** A number, which may have decimals, and a unit. */
  public static final String PATTERN = "([0-9]{1,20}(?:\\.[0-9]{1,20})?) ?([KMGT]iB|[kMGT]?B)";

  private static final Pattern TEXT = Pattern.compile(PATTERN);
  private static final BigDecimal MAX = new BigDecimal(Long.MAX_VALUE);

  /** Multipliers by unit: IEC 80000-13 binary prefixes, and SI decimal ones. */
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("B", 1L),
          Map.entry("kB", 1_000L),
          Map.entry("MB", 1_000_000L),
          Map.entry("GB", 1_000_000_000L),
          Map.entry("TB", 1_000_000_000_000L),
          Map.entry("KiB", 1L << 10),
          Map.entry("MiB", 1L << 20),
          Map.entry("GiB", 1L << 30),
          Map.entry("TiB", 1L << 40));

  public ByteSize {
    if (bytes < 1) {
      throw new IllegalArgumentException("a size is at least 1B, not " + bytes);
    }
  }

  /**
   * Reads a size such as {@code 4GiB} or {@code 1.5GB}.
   *
   * @throws IllegalArgumentException with the accepted units, where the text is not a size
   */
  public static ByteSize parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not a size: write a number and one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB, such as 4GiB");
    }
    BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
    if (bytes.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(Quote.of(text) + " is more bytes than any machine has");
    }
    BigInteger whole = bytes.toBigInteger();
    if (whole.signum() == 0) {
      throw new IllegalArgumentException(Quote.of(text) + " is less than one byte");
    }
    return new ByteSize(whole.longValueExact());
  }

  public static ByteSize ofGiB(long count) {
    return new ByteSize(Math.multiplyExact(count, 1L << 30));
  }

  public static ByteSize ofMiB(long count) {
    return new ByteSize(Math.multiplyExact(count, 1L << 20));
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /**
   * The largest binary unit that divides the size, so that {@link #parse} gives the same size back.
   */
  @Override
  public String toString() {
    String[] names = {"TiB", "GiB", "MiB", "KiB"};
    for (int i = 0; i < names.length; i++) {
      long unit = 1L << (40 - 10 * i);
      if (bytes % unit == 0) {
        return bytes / unit + names[i];
      }
    }
    return bytes + "B";
  }
}
