package dev.mayfly.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * The data of SVCB and HTTPS records (RFC 9460), without the keys of an encrypted ClientHello (RFC
 * 9848), whose server name nobody on the way could read, and without addresses, which are judged
 * and opened in A and AAAA answers alone.
 */
final class ServiceBinding {
  private static final int MANDATORY = 0;
  private static final int IPV4_HINT = 4;
  private static final int ECH = 5;
  private static final int IPV6_HINT = 6;
  private static final Set<Integer> CUT = Set.of(IPV4_HINT, ECH, IPV6_HINT);

  private ServiceBinding() {}

  /** Empty where the data are malformed, or where a client must not do without what is cut. */
  static Optional<byte[]> cut(byte[] data) {
    ByteBuf in = Unpooled.wrappedBuffer(data);
    try {
      in.skipBytes(2);
      DnsName.read(in);
      byte[] kept = Arrays.copyOf(data, data.length);
      int size = in.readerIndex();
      for (int last = -1; in.isReadable(); ) {
        int start = in.readerIndex();
        int key = in.readUnsignedShort();
        int length = in.readUnsignedShort();
        if (key <= last || (key == MANDATORY && needsWhatIsCut(in.slice(start + 4, length)))) {
          return Optional.empty();
        }
        in.skipBytes(length);
        if (!CUT.contains(key)) {
          System.arraycopy(data, start, kept, size, 4 + length);
          size += 4 + length;
        }
        last = key;
      }
      return Optional.of(Arrays.copyOf(kept, size));
    } catch (IndexOutOfBoundsException | MalformedDnsException e) {
      return Optional.empty();
    }
  }

  private static boolean needsWhatIsCut(ByteBuf keys) {
    while (keys.isReadable()) {
      if (CUT.contains(keys.readUnsignedShort())) {
        return true;
      }
    }
    return false;
  }
}
