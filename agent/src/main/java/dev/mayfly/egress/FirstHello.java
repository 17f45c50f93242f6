package dev.mayfly.egress;

/**
 * A connection's first ClientHello, and where it ends.
 *
 * @param length of the records that it came in, from the connection's first byte
 */
record FirstHello(ClientHello hello, int length) {}
