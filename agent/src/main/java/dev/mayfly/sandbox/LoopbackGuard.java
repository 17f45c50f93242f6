package dev.mayfly.sandbox;

import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.util.List;

/**
 * Holds a sandbox that has no network to having none: its name space may know no device but
 * loopback.
 */
public final class LoopbackGuard implements Guard {
  private static final String REMEDY =
      "the engine attached a network that was not asked for; use another engine";

  @Override
  public String name() {
    return "network";
  }

  @Override
  public Armed arm(Target target) throws GuardException {
    List<String> devices;
    try {
      devices = Processes.networkDevices(target.pid());
    } catch (IOException e) {
      throw new GuardException(
          "network isolation", "it can't be read: " + e.getMessage(), REMEDY, e);
    }
    List<String> wired = devices.stream().filter(device -> !isPassive(device)).toList();
    if (wired.isEmpty()) {
      return () -> {};
    }
    throw new GuardException(
        "network isolation", "the sandbox has the devices " + wired, REMEDY, null);
  }

  /**
   * Fallback tunnel devices that some kernels make in every new name space, down and bound to
   * nothing.
   */
  private static boolean isPassive(String device) {
    return device.equals("lo")
        || device.matches("(tunl|gre|gretap|erspan|sit|ip6tnl|ip6gre|ip_vti|ip6_vti|ifb)\\d+");
  }
}
