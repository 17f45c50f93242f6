package dev.mayfly.it;

import java.nio.file.Path;
import java.util.Locale;

/** The engines that packaging/verify starts. */
enum TestEngine {
  /** As packaging/engine/mayfly-engine makes it. */
  PRIVATE("private", Site.privateEngine()),

  /** A Docker without user name space, as hosts have it. */
  HOST_DOCKER("host", Site.hostDocker()),

  /** Podman's Docker-compatible service. */
  HOST_PODMAN("host", Site.podman());

  private final String type;
  private final Path socket;

  TestEngine(String type, Path socket) {
    this.type = type;
    this.socket = socket;
  }

  Path socket() {
    return socket;
  }

  /** The value of the configuration's key {@code engine}. */
  String yaml() {
    return String.format(Locale.ROOT, "{type: %s, socket: %s}", type, socket);
  }
}
