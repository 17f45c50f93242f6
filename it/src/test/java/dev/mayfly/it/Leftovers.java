package dev.mayfly.it;

import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.LoopDevice;
import dev.mayfly.linux.Mounts;
import dev.mayfly.sandbox.SandboxId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What Mayfly left on the host, by looking at everything it makes. */
final class Leftovers {
  private Leftovers() {}

  /**
   * Looks.
   *
   * @param engine socket of the engine that was used
   * @param state Mayfly's state-dir
   * @return empty where nothing is left
   */
  static List<String> of(Path engine, Path state) {
    List<String> found = new ArrayList<>();
    try (Engine client = DockerEngine.connect(engine)) {
      client.containers(SandboxId.LABEL).forEach(c -> found.add("container " + c.labels()));
      client.volumes(SandboxId.LABEL).forEach(v -> found.add("volume " + v));
      for (Mounts.Mount mount : Mounts.list()) {
        if (mount.target().startsWith(state)) {
          found.add("mount " + mount);
        }
      }
      for (LoopDevice.Backed loop : LoopDevice.list()) {
        if (loop.backing().startsWith(state.toString())) {
          found.add("loop " + loop);
        }
      }
      Cgroups.detect().childrenOf("/mayfly").forEach(name -> found.add("cgroup " + name));
      Path sandboxes = state.resolve("sandboxes");
      if (Files.isDirectory(sandboxes)) {
        try (Stream<Path> homes = Files.list(sandboxes)) {
          homes.forEach(home -> found.add("directory " + home));
        }
      }
      return found;
    } catch (Exception e) {
      throw new AssertionError("leftovers can't be looked for", e);
    }
  }
}
