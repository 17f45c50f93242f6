package dev.mayfly.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Fatal alerts (RFC 8446, section 6.2) that the gate sends in place of the server. */
enum TlsAlert {
  ACCESS_DENIED(49),
  UNRECOGNIZED_NAME(112);

  private final int description;

  TlsAlert(int description) {
    this.description = description;
  }

  /** The alert as a record in clear, as no handshake has begun. */
  ByteBuf toRecord() {
    return Unpooled.wrappedBuffer(new byte[] {21, 3, 3, 0, 2, 2, (byte) description});
  }
}
