package dev.mayfly.it;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Docker of the host. */
final class HostEngineIT extends HostEngineContract {
  HostEngineIT(@TempDir Path directory) {
    super(TestEngine.HOST_DOCKER, directory);
  }
}
