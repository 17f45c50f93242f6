package dev.mayfly.egress;

import dev.mayfly.dns.DnsName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/** The names under which addresses are asked for their names (RFC 1035, RFC 3596). */
final class ReverseName {
  private static final int IPV4_LABELS = 4;
  private static final int IPV6_LABELS = 32;

  private ReverseName() {}

  static Optional<InetAddress> address(DnsName name) {
    List<String> labels = name.labels();
    int size = labels.size() - 2;
    if (size == IPV4_LABELS && labels.subList(size, size + 2).equals(List.of("in-addr", "arpa"))) {
      return bytes(labels, size, 1, 10);
    }
    if (size == IPV6_LABELS && labels.subList(size, size + 2).equals(List.of("ip6", "arpa"))) {
      return bytes(labels, size / 2, 2, 16);
    }
    return Optional.empty();
  }

  private static Optional<InetAddress> bytes(
      List<String> labels, int bytes, int labelsEach, int radix) {
    byte[] address = new byte[bytes];
    try {
      for (int i = 0; i < bytes; i++) {
        String low = labels.get((bytes - 1 - i) * labelsEach);
        String high = labelsEach == 1 ? "" : labels.get((bytes - 1 - i) * labelsEach + 1);
        int value = Integer.parseInt(high + low, radix);
        if (value < 0 || value > 255 || low.length() + high.length() > 3) {
          return Optional.empty();
        }
        address[i] = (byte) value;
      }
      return Optional.of(InetAddress.getByAddress(address));
    } catch (NumberFormatException | UnknownHostException e) {
      return Optional.empty();
    }
  }
}
