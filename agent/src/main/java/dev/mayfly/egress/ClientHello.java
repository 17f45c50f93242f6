package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.Quote;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Optional;

/**
 * What a TLS ClientHello (RFC 8446, section 4.1.2) tells of whom it is for. It is read more
 * strictly than servers do, so that no server can take it for another one than the gate did.
 *
 * @param serverName the one host of its server_name extension (RFC 6066, section 3)
 * @param encrypted whether there is an encrypted_client_hello extension (RFC 9849), be it a real
 *     one or GREASE: they can't be told apart
 */
record ClientHello(Optional<DomainName> serverName, boolean encrypted) {
  private static final int SERVER_NAME = 0;
  private static final int ENCRYPTED_CLIENT_HELLO = 0xfe0d;
  private static final int HOST_NAME = 0;
  private static final int RANDOM = 32;
  private static final int LONGEST_SESSION_ID = 32;

  /** Versions of the hello itself, SSL 3.0 to TLS 1.2; TLS 1.3 says 1.2 here. */
  private static final int OLDEST = 0x0300;

  private static final int NEWEST = 0x0303;

  /**
   * Reads the body of a handshake message of type client_hello.
   *
   * @throws MalformedHelloException where it is none, with the reason
   */
  static ClientHello parse(ByteBuf body) throws MalformedHelloException {
    ByteBuf in = body.duplicate();
    int version = unsigned(in, 2);
    if (version < OLDEST || version > NEWEST) {
      throw new MalformedHelloException("of an unknown version");
    }
    take(in, RANDOM);
    if (vector(in, 1).readableBytes() > LONGEST_SESSION_ID) {
      throw new MalformedHelloException("with too long a session id");
    }
    ByteBuf ciphers = vector(in, 2);
    if (!ciphers.isReadable() || ciphers.readableBytes() % 2 != 0) {
      throw new MalformedHelloException("without a list of cipher suites");
    }
    if (!vector(in, 1).isReadable()) {
      throw new MalformedHelloException("without a list of compression methods");
    }
    return in.isReadable() ? extensions(in) : new ClientHello(Optional.empty(), false);
  }

  private static ClientHello extensions(ByteBuf in) throws MalformedHelloException {
    ByteBuf extensions = vector(in, 2);
    if (in.isReadable()) {
      throw new MalformedHelloException("with bytes after its extensions");
    }
    Optional<DomainName> name = Optional.empty();
    BitSet seen = new BitSet();
    while (extensions.isReadable()) {
      int type = unsigned(extensions, 2);
      ByteBuf data = vector(extensions, 2);
      if (seen.get(type)) {
        throw new MalformedHelloException("with an extension twice");
      }
      seen.set(type);
      if (type == SERVER_NAME) {
        name = Optional.of(serverName(data));
      }
    }
    return new ClientHello(name, seen.get(ENCRYPTED_CLIENT_HELLO));
  }

  private static DomainName serverName(ByteBuf data) throws MalformedHelloException {
    ByteBuf list = vector(data, 2);
    if (unsigned(list, 1) != HOST_NAME) {
      throw new MalformedHelloException("with a server name that is no host name");
    }
    ByteBuf name = vector(list, 2);
    if (list.isReadable() || data.isReadable()) {
      throw new MalformedHelloException("with more than one server name");
    }
    String text = name.toString(StandardCharsets.ISO_8859_1);
    if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f) || text.endsWith(".")) {
      throw notAHostName(text);
    }
    try {
      return DomainName.parse(text);
    } catch (IllegalArgumentException e) {
      throw notAHostName(text);
    }
  }

  private static MalformedHelloException notAHostName(String text) {
    return new MalformedHelloException(
        "with a server name that is no host name: " + Quote.of(text));
  }

  /** A vector with a length of so many bytes before it. */
  private static ByteBuf vector(ByteBuf in, int lengthBytes) throws MalformedHelloException {
    return take(in, unsigned(in, lengthBytes));
  }

  private static int unsigned(ByteBuf in, int bytes) throws MalformedHelloException {
    ByteBuf number = take(in, bytes);
    return bytes == 1 ? number.readUnsignedByte() : number.readUnsignedShort();
  }

  private static ByteBuf take(ByteBuf in, int bytes) throws MalformedHelloException {
    if (in.readableBytes() < bytes) {
      throw new MalformedHelloException("that ends too early");
    }
    return in.readSlice(bytes);
  }
}
