package dev.mayfly.egress;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The sandboxes of this supervisor that are on the network, by their addresses. */
public final class ArmedSandboxes {
  private final Map<InetAddress, ArmedSandbox> byAddress = new ConcurrentHashMap<>();

  public void add(ArmedSandbox sandbox) {
    byAddress.put(sandbox.address().ipv4(), sandbox);
    byAddress.put(sandbox.address().ipv6(), sandbox);
  }

  public void remove(ArmedSandbox sandbox) {
    byAddress.remove(sandbox.address().ipv4(), sandbox);
    byAddress.remove(sandbox.address().ipv6(), sandbox);
  }

  /** Whose packets come from an address. */
  public Optional<ArmedSandbox> at(InetAddress source) {
    return Optional.ofNullable(byAddress.get(source));
  }
}
