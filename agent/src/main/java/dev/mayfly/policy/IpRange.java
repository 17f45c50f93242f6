package dev.mayfly.policy;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Addresses that have the first bits in common (CIDR, RFC 4632 and RFC 4291).
 *
 * @param first with all further bits zero
 * @param prefix how many bits they have in common
 */
public record IpRange(InetAddress first, int prefix) {
  /** What of a text may be an address at all: nothing that would be looked up as a name. */
  private static final Pattern LITERAL =
      Pattern.compile("(?:[0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  public IpRange {
    int bits = first.getAddress().length * 8;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException(
          "a range of "
              + first.getHostAddress()
              + " has a prefix of 0 to "
              + bits
              + ", not "
              + prefix);
    }
    if (!Arrays.equals(masked(first.getAddress(), prefix), first.getAddress())) {
      throw new IllegalArgumentException(
          first.getHostAddress()
              + "/"
              + prefix
              + " has bits behind its prefix: write them as zero");
    }
  }

  /**
   * Reads an address, or a range {@code ADDRESS/PREFIX}.
   *
   * @throws IllegalArgumentException where the text is neither
   */
  public static IpRange parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = address(slash < 0 ? text : text.substring(0, slash), text);
    try {
      return new IpRange(
          address,
          slash < 0
              ? address.getAddress().length * 8
              : Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException e) {
      throw notARange(text);
    }
  }

  private static InetAddress address(String literal, String text) {
    if (!LITERAL.matcher(literal).matches()) {
      throw notARange(text);
    }
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw notARange(text);
    }
  }

  private static IllegalArgumentException notARange(String text) {
    return new IllegalArgumentException(
        Quote.of(text)
            + " is not an address or a range of addresses: write one such as 10.0.5.0/24 or"
            + " 2001:db8::/32");
  }

  public boolean isIpv4() {
    return first instanceof Inet4Address;
  }

  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == first.getAddress().length
        && Arrays.equals(masked(bytes, prefix), first.getAddress());
  }

  /** Whether all addresses of the other are of this one, too. */
  public boolean contains(IpRange other) {
    return prefix <= other.prefix && contains(other.first);
  }

  private static byte[] masked(byte[] bytes, int prefix) {
    byte[] masked = bytes.clone();
    for (int i = 0; i < masked.length; i++) {
      int keep = Math.clamp(prefix - 8L * i, 0, 8);
      masked[i] &= (byte) (0xff << (8 - keep));
    }
    return masked;
  }

  @Override
  public String toString() {
    return first.getHostAddress() + "/" + prefix;
  }
}
