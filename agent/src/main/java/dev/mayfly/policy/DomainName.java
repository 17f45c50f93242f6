package dev.mayfly.policy;

import java.net.IDN;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A domain name in the form in which names are compared: lower-case ASCII, without the final dot
 * (RFC 1035, RFC 4343). Labels hold letters, digits, hyphens and underscores (RFC 2181 allows more;
 * what is no host name is never allowed).
 */
public record DomainName(String text) {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final int LONGEST = 253;

  /** What registries of countries have below them, where they do not sell names directly. */
  private static final Set<String> SECOND_LEVEL =
      Set.of("ac", "co", "com", "edu", "gob", "gov", "go", "mil", "ne", "net", "or", "org");

  public DomainName {
    String[] labels = text.split("\\.", -1);
    for (String label : labels) {
      if (!LABEL.matcher(label).matches()) {
        throw notAName(text);
      }
    }
    if (text.length() > LONGEST || NUMBER.matcher(labels[labels.length - 1]).matches()) {
      throw notAName(text);
    }
  }

  /**
   * Reads a name in any case, with or without its final dot; other letters than ASCII's as IDNA has
   * them.
   *
   * @throws IllegalArgumentException where the text is no host name, or an address
   */
  public static DomainName parse(String text) {
    String bare = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    try {
      return new DomainName(IDN.toASCII(bare).toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw notAName(text);
    }
  }

  private static IllegalArgumentException notAName(String text) {
    return new IllegalArgumentException(
        Quote.of(text) + " is not a host name: write one such as packages.example.org");
  }

  /** The name without its first label; empty for a name of one label. */
  public Optional<DomainName> parent() {
    int dot = text.indexOf('.');
    return dot < 0 ? Optional.empty() : Optional.of(new DomainName(text.substring(dot + 1)));
  }

  /**
   * The part of the name that somebody registered, by rule of thumb: the last two labels, or three
   * where the second last is a country's registry's ({@code example.co.uk}). The name itself where
   * it has no more labels.
   */
  public DomainName registered() {
    List<String> labels = List.of(text.split("\\."));
    int size = labels.size();
    int kept = isRegistry(labels.subList(Math.max(0, size - 2), size)) ? 3 : 2;
    return new DomainName(String.join(".", labels.subList(Math.max(0, size - kept), size)));
  }

  /** Whether anybody can register names below, by the same rule of thumb. */
  public boolean isPublicSuffix() {
    List<String> labels = List.of(text.split("\\."));
    return labels.size() == 1 || isRegistry(labels);
  }

  private static boolean isRegistry(List<String> labels) {
    return labels.size() == 2
        && labels.getLast().length() == 2
        && SECOND_LEVEL.contains(labels.getFirst());
  }

  /** Whether this is a name below the other one. */
  public boolean isBelow(DomainName other) {
    return text.endsWith("." + other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
