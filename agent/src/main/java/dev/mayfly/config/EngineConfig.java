package dev.mayfly.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Which container engine runs the sandboxes.
 *
 * @param socket empty: the usual place of the type's socket, looked for when it is needed
 */
public record EngineConfig(Type type, Optional<Path> socket) {
  public static final EngineConfig DEFAULT = new EngineConfig(Type.PRIVATE, Optional.empty());

  public static final EngineConfig HOST = new EngineConfig(Type.HOST, Optional.empty());

  /** Whose engine it is. */
  public enum Type {
    /** Mayfly's own instance, hardened, with its own data, bridge and user namespace. */
    PRIVATE,
    /** The host's Docker or Podman, as it is. */
    HOST;

    /** The word for it in the configuration. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
