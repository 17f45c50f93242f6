package dev.mayfly.nftables;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Connections that one sandbox may open for a time.
 *
 * @param transport {@code tcp} or {@code udp}
 * @param rule its number, which marks the connections
 * @param gate where they are sent to instead; TCP only
 */
public record Pinhole(
    InetAddress destination,
    String transport,
    int port,
    int rule,
    Duration time,
    Optional<InetSocketAddress> gate) {

  /** What a pinhole is found by: there is one at most for each. */
  public record Key(InetAddress destination, String transport, int port, boolean gated) {
    String suffix() {
      return destination instanceof Inet4Address ? "4" : "6";
    }
  }

  public Key key() {
    return new Key(destination, transport, port, gate.isPresent());
  }

  /** Its elements: one, or two where it goes over the gate. */
  void elements(Elements.Batch batch, String device, Optional<Duration> timeout) {
    String suffix = key().suffix();
    String rest = timeout.map(limit -> " timeout " + Elements.time(limit)).orElse("");
    String to = Elements.quote(device) + " . " + Elements.address(destination) + " . ";
    if (gate.isPresent()) {
      batch.put("gated" + suffix, to + port, rest, Integer.toString(rule));
      batch.put("gate" + suffix, to + port, rest, Elements.endpoint(gate.get()));
    } else {
      batch.put("open" + suffix, to + transport + " . " + port, rest, Integer.toString(rule));
    }
  }

  /** A pinhole that may still be there: its data must be told to have it replaced. */
  public record Change(Pinhole pinhole, Optional<Pinhole> before) {}
}
