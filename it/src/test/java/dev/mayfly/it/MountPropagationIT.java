package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the engine does not see Mayfly's mounts, nothing bounds what a job writes. */
final class MountPropagationIT {
  private static final String FILLING = "head -c 100M /dev/zero > /var/tmp/big || echo full";

  private final Path directory;

  MountPropagationIT(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void leavesNothing() {
    for (TestEngine engine : TestEngine.values()) {
      assertThat(Leftovers.of(engine.socket(), directory.resolve("state"))).isEmpty();
    }
  }

  private Mayfly small(TestEngine engine) {
    return Mayfly.on(engine, directory, "policies: [{name: default, limits: {disk: 64MiB}}]\n");
  }

  private Mayfly.Result filling(TestEngine engine, String propagation) throws Exception {
    Mayfly mayfly = small(engine);
    Path launcher =
        Files.writeString(
            directory.resolve("launcher"),
            "#!/bin/sh\nexec unshare --mount --propagation %s -- %s \"$@\"\n"
                .formatted(propagation, Site.launcher()));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    return mayfly
        .installedAs(launcher)
        .run(InputStream.nullInputStream(), mayfly.execLine(List.of(), "sh", "-c", FILLING));
  }

  @ParameterizedTest
  @ValueSource(strings = {"private", "slave"})
  void refusesAJobWhoseDiskTheEngineDoesNotSee(String propagation) throws Exception {
    assertRefused(filling(TestEngine.PRIVATE, propagation));
  }

  @ParameterizedTest
  @EnumSource
  void refusesItOnEveryEngine(TestEngine engine) throws Exception {
    assertRefused(filling(engine, "private"));
  }

  @ParameterizedTest
  @EnumSource
  void boundsTheDiskWhereTheEngineSeesIt(TestEngine engine) throws Exception {
    Mayfly.Result result = small(engine).exec("sh", "-c", FILLING);

    assertThat(result.stdout()).isEqualTo("full\n");
    assertThat(result.exitCode()).isZero();
  }

  private static void assertRefused(Mayfly.Result result) {
    assertThat(result.stderr().lines()).hasSize(1);
    assertThat(result.stderr())
        .contains("disk limit is not in force: ", "is not on the sandbox's disk; let Mayfly");
    assertThat(result.stdout()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(125);
  }
}
