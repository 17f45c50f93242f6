package dev.mayfly.linux;

import java.io.IOException;
import java.io.Serial;

/** Commands that nftables or the kernel did not take. None of them had an effect. */
public final class NftablesException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private static final int MOST = 2000;

  private final String said;

  NftablesException(String said) {
    super("nftables: " + (said.length() > MOST ? said.substring(0, MOST) + "…" : said));
    this.said = said;
  }

  /**
   * Whether the kernel gave this error, for any of the commands; libnftables gives but the text.
   */
  public boolean says(int errno) {
    return said.contains(LibC.strerror(errno));
  }
}
