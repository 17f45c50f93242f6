package dev.mayfly.egress;

import dev.mayfly.policy.Transport;
import java.net.InetAddress;
import java.time.Duration;

/**
 * What one sandbox may open connections to, for a time.
 *
 * @param rule number of the rule that allows it, from 1; what is sent is counted for it
 * @param gated whether the TLS gate is to look at the connection first
 */
public record Opening(
    InetAddress destination,
    Transport transport,
    int port,
    int rule,
    boolean gated,
    Duration time) {}
