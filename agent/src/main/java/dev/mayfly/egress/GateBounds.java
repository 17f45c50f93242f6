package dev.mayfly.egress;

import java.time.Duration;

/**
 * What one sandbox may have of the TLS gate.
 *
 * @param connections at once
 * @param hellos connections whose ClientHello is not complete, or that were refused and are not
 *     gone yet
 * @param helloBytes that are read and not passed on yet
 * @param hello until a ClientHello has to be complete
 * @param connect until the other end has to answer
 */
public record GateBounds(
    int connections, int hellos, long helloBytes, Duration hello, Duration connect) {
  public static final GateBounds DEFAULT =
      new GateBounds(1024, 256, 2L << 20, Duration.ofSeconds(10), Duration.ofSeconds(10));
}
