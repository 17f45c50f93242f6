package dev.mayfly.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * Reads the records that a client sends in clear until its ClientHello is complete (RFC 8446,
 * sections 4 and 5.1). It is stricter than servers are, so that none can find another hello in
 * them. Keeps a copy of the hello only, and no buffer.
 */
final class HelloRecords {
  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int APPLICATION_DATA = 23;

  private static final int MAJOR_VERSION = 3;
  private static final int HEADER = 5;
  private static final int LONGEST_RECORD = 1 << 14;
  private static final int LONGEST_ENCRYPTED_RECORD = LONGEST_RECORD + 256;

  private static final int CLIENT_HELLO = 1;
  private static final int MESSAGE_HEADER = 4;

  private final boolean second;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int end;
  private int headerRead;
  private int length;
  private boolean alerted;
  private Optional<ClientHello> hello = Optional.empty();

  private HelloRecords(boolean second) {
    this.second = second;
  }

  /** Of a connection's begin: nothing else may be there. */
  static HelloRecords first() {
    return new HelloRecords(false);
  }

  /**
   * Of what follows a HelloRetryRequest: a change of ciphers in name only (appendix D.4), early
   * data that was under way already (section 4.2.10), or an alert may come before the hello.
   */
  static HelloRecords second() {
    return new HelloRecords(true);
  }

  /**
   * Reads on.
   *
   * @param all what was given the last time, and what came since; left as it is
   * @return the hello, once it is complete
   */
  Optional<ClientHello> read(ByteBuf all) throws MalformedHelloException {
    while (hello.isEmpty() && !alerted && all.readableBytes() - end >= HEADER) {
      int at = all.readerIndex() + end;
      int type = all.getUnsignedByte(at);
      int count = all.getUnsignedShort(at + 3);
      check(type, all.getUnsignedByte(at + 1), count);
      if (all.readableBytes() - end < HEADER + count) {
        break;
      }
      end += HEADER + count;
      if (type == HANDSHAKE) {
        byte[] part = new byte[count];
        all.getBytes(at + HEADER, part);
        join(part);
      } else {
        alerted = type == ALERT;
      }
    }
    return hello;
  }

  private void check(int type, int version, int count) throws MalformedHelloException {
    boolean other = type == CHANGE_CIPHER_SPEC || type == ALERT || type == APPLICATION_DATA;
    if (type != HANDSHAKE && !(second && other)) {
      throw new MalformedHelloException("with a record of another kind in its place");
    }
    if (type != HANDSHAKE && headerRead > 0) {
      throw new MalformedHelloException("with a record of another kind in it");
    }
    if (version != MAJOR_VERSION) {
      throw new MalformedHelloException("in a record of an unknown version");
    }
    if (count == 0 || count > (type == HANDSHAKE ? LONGEST_RECORD : LONGEST_ENCRYPTED_RECORD)) {
      throw new MalformedHelloException("with an empty or too long a record");
    }
  }

  private void join(byte[] part) throws MalformedHelloException {
    int at = 0;
    for (; at < part.length && headerRead < MESSAGE_HEADER; at++, headerRead++) {
      int value = Byte.toUnsignedInt(part[at]);
      if (headerRead > 0) {
        length = length << Byte.SIZE | value;
      } else if (value != CLIENT_HELLO) {
        throw new MalformedHelloException("with another message in its place");
      }
    }
    body.write(part, at, part.length - at);
    if (headerRead < MESSAGE_HEADER) {
      return;
    }
    if (length > Intake.LONGEST_HELLO) {
      throw new MalformedHelloException("longer than 64 KiB");
    }
    if (body.size() > length) {
      throw new MalformedHelloException("with bytes after it in its record");
    }
    if (body.size() == length) {
      hello = Optional.of(ClientHello.parse(Unpooled.wrappedBuffer(body.toByteArray())));
    }
  }

  /** How many bytes are in the records that were read. */
  int end() {
    return end;
  }

  /** Whether the client says that it will not go on. */
  boolean alerted() {
    return alerted;
  }

  /** Whether a hello or a record has begun and is not complete. */
  boolean inside(ByteBuf all) {
    return headerRead > 0 || end < all.readableBytes();
  }
}
