package dev.mayfly.egress;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The sandboxes that asked something. Used on the loop's thread alone. */
final class Askers {
  private final ArmedSandboxes sandboxes;
  private final Map<InetAddress, Asker> askers = new HashMap<>();

  Askers(ArmedSandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  /** Who sends from an address. What is kept of sandboxes that are gone goes with the first new. */
  Optional<Asker> at(InetAddress source) {
    Optional<ArmedSandbox> found = sandboxes.at(source);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ArmedSandbox sandbox = found.get();
    Asker known = askers.get(sandbox.address().ipv4());
    if (known == null || known.sandbox() != sandbox) {
      askers.values().removeIf(asker -> !isArmed(asker.sandbox()));
      known = new Asker(sandbox);
      askers.put(sandbox.address().ipv4(), known);
    }
    return Optional.of(known);
  }

  boolean isArmed(ArmedSandbox sandbox) {
    return sandboxes.at(sandbox.address().ipv4()).orElse(null) == sandbox;
  }

  void forgetOpenings() {
    askers.values().forEach(Asker::forgetOpenings);
  }
}
