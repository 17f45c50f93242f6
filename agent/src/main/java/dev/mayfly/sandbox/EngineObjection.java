package dev.mayfly.sandbox;

import dev.mayfly.engine.EngineFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Why an engine gets no job at all. */
public record EngineObjection(Subject subject, String reason, String remedy) {
  private static final Set<String> OVERLAY_DRIVERS = Set.of("overlay2", "overlay");

  /** What of the engine is objected to. */
  public enum Subject {
    SECCOMP,
    USER_NAMESPACE,
    STORAGE_DRIVER
  }

  /**
   * All that is objected to.
   *
   * @param userNamespaceRequired whether an engine without one is refused
   */
  public static List<EngineObjection> to(EngineFacts engine, boolean userNamespaceRequired) {
    List<EngineObjection> found = new ArrayList<>();
    if (!engine.securityOptions().contains("seccomp")) {
      found.add(
          new EngineObjection(
              Subject.SECCOMP,
              "the engine applies no seccomp profile",
              "use an engine and kernel with CONFIG_SECCOMP_FILTER"));
    }
    if (userNamespaceRequired && !engine.userNamespace()) {
      found.add(
          new EngineObjection(
              Subject.USER_NAMESPACE,
              "the engine has no user namespace in force",
              "start it with --userns-remap, or say engine: host to accept that"));
    }
    if (!OVERLAY_DRIVERS.contains(engine.storageDriver())) {
      found.add(
          new EngineObjection(
              Subject.STORAGE_DRIVER,
              "the disk of a sandbox can't be bounded with the engine's storage driver "
                  + engine.storageDriver(),
              "start the engine with --storage-driver overlay2"));
    }
    return found;
  }
}
