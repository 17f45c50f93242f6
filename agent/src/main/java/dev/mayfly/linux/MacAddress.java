package dev.mayfly.linux;

/** An Ethernet address, in the low 48 bits. */
public record MacAddress(long bits) {
  private static final int BYTES = 6;

  public MacAddress {
    if (bits >>> (8 * BYTES) != 0) {
      throw new IllegalArgumentException("no Ethernet address: " + Long.toHexString(bits));
    }
  }

  byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (bits >>> (8 * (BYTES - 1 - i)));
    }
    return bytes;
  }
}
