package dev.mayfly.policy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Addresses that have the first bits in common (CIDR, RFC 4632 and RFC 4291).
 *
 * @param first with all further bits zero
 * @param prefix how many bits they have in common
 */
public record IpRange(InetAddress first, int prefix) {
  /** What of a text may be an address at all: nothing that would be looked up as a name. */
  private static final Pattern LITERAL =
      Pattern.compile(
          "(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final int MAPPED_AT = 10;

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
    if (slash < 0) {
      return of(address);
    }
    String prefix = text.substring(slash + 1);
    if (!PREFIX.matcher(prefix).matches()) {
      throw notARange(text);
    }
    return new IpRange(address, Integer.parseInt(prefix));
  }

  /** One address alone. */
  public static IpRange of(InetAddress address) {
    return new IpRange(address, address.getAddress().length * 8);
  }

  private static InetAddress address(String literal, String text) {
    if (!LITERAL.matcher(literal).matches()) {
      throw notARange(text);
    }
    try {
      InetAddress address = InetAddress.getByName(literal);
      return literal.indexOf(':') >= 0 && address instanceof Inet4Address mapped
          ? mappedAsWritten(mapped)
          : address;
    } catch (UnknownHostException e) {
      throw notARange(text);
    }
  }

  /** Java makes an IPv4 address of ::ffff:0:0/96, which as a range is something else. */
  private static InetAddress mappedAsWritten(Inet4Address mapped) throws UnknownHostException {
    byte[] bytes = new byte[16];
    bytes[MAPPED_AT] = (byte) 0xff;
    bytes[MAPPED_AT + 1] = (byte) 0xff;
    System.arraycopy(mapped.getAddress(), 0, bytes, MAPPED_AT + 2, 4);
    return Inet6Address.getByAddress(null, bytes, -1);
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
    byte[] mine = first.getAddress();
    byte[] bytes = address.getAddress();
    int whole = prefix / 8;
    int rest = (0xff00 >> (prefix % 8)) & 0xff;
    return bytes.length == mine.length
        && Arrays.equals(bytes, 0, whole, mine, 0, whole)
        && (rest == 0 || (bytes[whole] & rest) == (mine[whole] & rest));
  }

  /** Whether all addresses of the other are of this one, too. */
  public boolean contains(IpRange other) {
    return prefix <= other.prefix && contains(other.first);
  }

  /** The same addresses without ranges that lie within others; in the order given. */
  public static List<IpRange> outermost(List<IpRange> ranges) {
    List<IpRange> outer = new ArrayList<>();
    for (IpRange range : ranges) {
      if (outer.stream().noneMatch(other -> other.contains(range))) {
        outer.removeIf(range::contains);
        outer.add(range);
      }
    }
    return List.copyOf(outer);
  }

  private static byte[] masked(byte[] bytes, int prefix) {
    byte[] masked = bytes.clone();
    for (int i = 0; i < masked.length; i++) {
      int keep = Math.clamp(prefix - 8L * i, 0, 8);
      masked[i] &= (byte) (0xff << (8 - keep));
    }
    return masked;
  }

  /** Whether it is one address alone. */
  public boolean isSingle() {
    return prefix == first.getAddress().length * 8;
  }

  /** {@code ADDRESS/PREFIX}, in the canonical form (RFC 5952). */
  @Override
  public String toString() {
    return show(first) + "/" + prefix;
  }

  /** An address in the canonical form (RFC 5952): lower case, the longest row of zeros left out. */
  public static String show(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return address.getHostAddress();
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int zeros = 0;
      while (i + zeros < 8 && groups[i + zeros] == 0) {
        zeros++;
      }
      if (zeros > length) {
        start = i;
        length = zeros;
      }
    }
    return start < 0
        ? hex(groups, 0, 8)
        : hex(groups, 0, start) + "::" + hex(groups, start + length, 8);
  }

  private static String hex(int[] groups, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> Integer.toHexString(groups[i]))
        .collect(Collectors.joining(":"));
  }
}
