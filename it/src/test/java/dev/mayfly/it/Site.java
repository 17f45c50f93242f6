package dev.mayfly.it;

import java.nio.file.Path;

/** What packaging/verify has set up for the tests. A test that needs what is missing fails. */
final class Site {
  private Site() {}

  /** Mayfly as it was built: {@code agent/target/dist}. */
  static Path home() {
    return Path.of(required("MAYFLY_IT_HOME"));
  }

  /** The launcher that users start. */
  static Path launcher() {
    return Path.of(required("MAYFLY_IT_LAUNCHER"));
  }

  /** Socket of a private engine as packaging/engine/mayfly-engine makes it. */
  static Path privateEngine() {
    return Path.of(required("MAYFLY_IT_ENGINE_SOCKET"));
  }

  /** Socket of a Docker without user name space, as hosts have it. */
  static Path hostDocker() {
    return Path.of(required("MAYFLY_IT_HOST_SOCKET"));
  }

  /** Socket of a Podman service. */
  static Path podman() {
    return Path.of(required("MAYFLY_IT_PODMAN_SOCKET"));
  }

  /** What it/src/test/resources/corpus/prepare made. */
  static Path corpus() {
    return Path.of(required("MAYFLY_IT_CORPUS"));
  }

  /** What src/bpf/test/qemu/boot fetched. */
  static Path qemu() {
    return Path.of(required("MAYFLY_IT_QEMU"));
  }

  /**
   * Whether tests run with the sizes of the requirements, which take minutes, and not with smaller
   * ones: where {@code MAYFLY_IT_SIZE} is {@code full}, which {@code packaging/verify --full} sets.
   */
  static boolean fullSize() {
    return "full".equals(System.getenv("MAYFLY_IT_SIZE"));
  }

  private static String required(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      throw new AssertionError(name + " is not set: run these tests with packaging/verify");
    }
    return value;
  }
}
