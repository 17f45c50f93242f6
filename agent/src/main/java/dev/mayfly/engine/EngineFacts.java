package dev.mayfly.engine;

import java.util.Set;

/**
 * What an engine is and what it enforces, in its own words.
 *
 * @param product {@code Docker} or {@code Podman}
 * @param storageDriver such as {@code overlay2} or {@code overlay}
 * @param cgroupDriver {@code cgroupfs} or {@code systemd}
 * @param securityOptions such as {@code userns} and {@code seccomp}
 * @param processors which containers can have
 * @param userNamespace whether containers run in a user name space of their own
 */
public record EngineFacts(
    String product,
    String version,
    String storageDriver,
    String cgroupDriver,
    Set<String> securityOptions,
    int processors,
    boolean userNamespace) {
  public EngineFacts {
    securityOptions = Set.copyOf(securityOptions);
  }

  public boolean isPodman() {
    return product.equals("Podman");
  }
}
