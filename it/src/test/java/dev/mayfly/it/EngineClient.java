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
    commit(create(List.of(), "true"), name, changes);
  }

  /**
   * Makes an image of what a script leaves of Mayfly's base image, without a network.
   *
   * @param options for the container in which it runs
   * @param changes lines of a Dockerfile
   */
  static void makeImageBy(String script, List<String> options, String name, String... changes)
      throws IOException, InterruptedException {
    String container = create(options, "bash", "-euo", "pipefail", "-c", script);
    docker("start", container);
    if (!docker("wait", container).equals("0")) {
      docker("rm", container);
      throw new AssertionError("the script for image " + name + " failed: " + script);
    }
    commit(container, name, changes);
  }

  private static String create(List<String> options, String... command)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("create", "--pull", "never", "--network", "none"));
    line.addAll(options);
    line.add("mayfly-base");
    line.addAll(Arrays.asList(command));
    return docker(line.toArray(String[]::new));
  }

  private static void commit(String container, String name, String... changes)
      throws IOException, InterruptedException {
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

  /** The containers of a sandbox, whatever state they are in. */
  static String containersOf(String sandbox) throws IOException, InterruptedException {
    return docker("ps", "--all", "--quiet", "--filter", "label=dev.mayfly.sandbox=" + sandbox);
  }

  /** Runs the engine's own client on the private engine, and gives what it said. */
  static String docker(String... arguments) throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(List.of("/usr/bin/docker", "-H", "unix://" + Site.privateEngine()));
    line.addAll(Arrays.asList(arguments));
    Process docker = new ProcessBuilder(line).redirectErrorStream(true).start();
    docker.getOutputStream().close();
    String said = new String(docker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(docker.waitFor()).as(said).isZero();
    return said.strip();
  }
}
