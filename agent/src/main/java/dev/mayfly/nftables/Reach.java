package dev.mayfly.nftables;

/**
 * What a rule allows for whole ranges.
 *
 * @param transport {@code tcp} or {@code udp}
 * @param rule its number, which marks the connections that it allows
 */
public record Reach(Block to, String transport, int firstPort, int lastPort, int rule) {
  String match() {
    return to.destination()
        + " "
        + transport
        + " dport "
        + (firstPort == lastPort ? Integer.toString(firstPort) : firstPort + "-" + lastPort);
  }
}
