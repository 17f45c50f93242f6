package dev.mayfly.it;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Podman's Docker-compatible service. */
final class PodmanIT extends HostEngineContract {
  PodmanIT(@TempDir Path directory) {
    super(TestEngine.HOST_PODMAN, directory);
  }
}
