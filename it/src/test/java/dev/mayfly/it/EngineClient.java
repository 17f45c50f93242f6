package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Docker's command line, for what Mayfly does not do. */
final class EngineClient {
  private EngineClient() {}

  /**
   * Makes an image of Mayfly's base image.
   *
   * @param changes lines of a Dockerfile
   */
  static void makeImage(String name, String... changes) throws IOException, InterruptedException {
    String container =
        docker("create", "--pull", "never", "--network", "none", "mayfly-base", "true");
    try {
      List<String> line = new ArrayList<>(List.of("commit"));
      for (String change : changes) {
        line.addAll(List.of("--change", change));
      }
      line.addAll(List.of(container, name));
      docker(line.toArray(String[]::new));
    } finally {
      docker("rm", container);
    }
  }

  /** Runs the engine's own client on the private engine, and gives what it said. */
  static String docker(String... arguments) throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(List.of("/usr/bin/docker", "-H", "unix://" + Site.privateEngine()));
    line.addAll(Arrays.asList(arguments));
    Process docker = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(docker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(docker.waitFor()).as(said).isZero();
    return said.strip();
  }
}
