package dev.mayfly.policy;

import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
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

  /** Whether this is a name below the other one. */
  public boolean isBelow(DomainName other) {
    return text.endsWith("." + other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
