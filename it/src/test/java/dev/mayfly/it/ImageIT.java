package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an image declares is honoured, bounded or ignored, as it is safe. */
final class ImageIT {
  private static final String IMAGE = "mayfly-it-declares:v1";

  private final Path directory;
  private final Mayfly mayfly;

  ImageIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly =
        Mayfly.onPrivateEngine(
            directory,
            "policies: [{name: default, image: '%s', pull: never, limits: {disk: 64MiB}}]\n"
                .formatted(IMAGE));
  }

  @BeforeAll
  static void makeImage() throws IOException, InterruptedException {
    EngineClient.makeImage(
        IMAGE,
        "USER games",
        "VOLUME /var/tmp",
        "ENTRYPOINT [\"/bin/false\"]",
        "CMD [\"-x\"]",
        "HEALTHCHECK --interval=1s CMD true",
        "ENV DECLARED=yes");
  }

  @AfterAll
  static void removeImage() throws IOException, InterruptedException {
    EngineClient.docker("rmi", IMAGE);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @Test
  void runsTheCommandAsTheImagesUserWithItsVariablesAndWithoutItsEntrypoint() {
    Mayfly.Result result =
        mayfly.exec("sh", "-c", "id -un; echo $DECLARED; grep CapEff: /proc/self/status; exit 6");

    assertThat(result.stdout().lines())
        .containsExactly("games", "yes", "CapEff:\t0000000000000000");
    assertThat(result.exitCode()).isEqualTo(6);
    assertThat(mayfly.lastReport().policy().identity()).startsWith("games (5:");
  }

  @Test
  void boundsTheImagesVolumesByTheDisk() {
    Mayfly.Result result =
        mayfly.exec(
            "sh",
            "-c",
            "stat -c %a /var/tmp; head -c 10M /dev/zero >/var/tmp/control && echo fits;"
                + " head -c 100M /dev/zero >/var/tmp/big || echo full");

    assertThat(result.stdout()).isEqualTo("1777\nfits\nfull\n");
    assertThat(result.stderr()).contains("No space left on device");
  }

  @Test
  void runsNoHealthCheck() throws IOException, InterruptedException {
    assertThat(EngineClient.docker("inspect", "--format", "{{.Config.Healthcheck.Test}}", IMAGE))
        .isEqualTo("[CMD-SHELL true]");
    try (RunningExec exec = mayfly.startExec("sh", "-c", "echo ready; read _")) {
      exec.awaitLine("ready");
      String container = EngineClient.docker("ps", "--quiet", "--filter", "ancestor=" + IMAGE);

      assertThat(EngineClient.docker("inspect", "--format", "{{json .State.Health}}", container))
          .isEqualTo("null");
      exec.endInput();
      assertThat(exec.await().exitCode()).isEqualTo(1);
    }
  }
}
