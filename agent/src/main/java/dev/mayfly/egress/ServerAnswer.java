package dev.mayfly.egress;

import io.netty.buffer.ByteBuf;
import java.util.HexFormat;

/** What a server's first bytes are to the gate. */
enum ServerAnswer {
  /** Too few to tell. */
  INCOMPLETE,

  /** The client is asked for another ClientHello (RFC 8446, section 4.1.4). */
  RETRY,

  /** A handshake that can't be told from a HelloRetryRequest. No server begins like that. */
  DAMAGED,

  /** Anything else: the server takes the first ClientHello, or none. */
  ORDINARY;

  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int RECORD_HEADER = 5;
  private static final int ALERT_LENGTH = 2;
  private static final int WARNING = 1;
  private static final int CLOSE_NOTIFY = 0;
  private static final int SERVER_HELLO = 2;
  private static final int BEFORE_RANDOM = 4 + 2;
  private static final int RANDOM = 32;

  /** The random of a ServerHello that is a HelloRetryRequest (section 4.1.3). */
  private static final byte[] RETRY_RANDOM =
      HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

  /** Passes over warnings, which say nothing of what the server goes on with. */
  static ServerAnswer of(ByteBuf bytes) {
    int at = bytes.readerIndex();
    while (true) {
      int left = bytes.writerIndex() - at;
      if (left == 0) {
        return INCOMPLETE;
      }
      switch (bytes.getUnsignedByte(at)) {
        case HANDSHAKE -> {
          return handshake(bytes, at, left);
        }
        case ALERT -> {
          if (left < RECORD_HEADER + ALERT_LENGTH) {
            return INCOMPLETE;
          }
          if (!isWarning(bytes, at)) {
            return ORDINARY;
          }
          at += RECORD_HEADER + ALERT_LENGTH;
        }
        default -> {
          return ORDINARY;
        }
      }
    }
  }

  private static boolean isWarning(ByteBuf bytes, int at) {
    return bytes.getUnsignedShort(at + 3) == ALERT_LENGTH
        && bytes.getUnsignedByte(at + RECORD_HEADER) == WARNING
        && bytes.getUnsignedByte(at + RECORD_HEADER + 1) != CLOSE_NOTIFY;
  }

  private static ServerAnswer handshake(ByteBuf bytes, int at, int left) {
    int message = at + RECORD_HEADER;
    boolean tooShort =
        left >= RECORD_HEADER && bytes.getUnsignedShort(at + 3) < BEFORE_RANDOM + RANDOM;
    boolean other = left > RECORD_HEADER && bytes.getUnsignedByte(message) != SERVER_HELLO;
    if (tooShort || other) {
      return DAMAGED;
    }
    if (left < RECORD_HEADER + BEFORE_RANDOM + RANDOM) {
      return INCOMPLETE;
    }
    for (int i = 0; i < RANDOM; i++) {
      if (bytes.getByte(message + BEFORE_RANDOM + i) != RETRY_RANDOM[i]) {
        return ORDINARY;
      }
    }
    return RETRY;
  }
}
