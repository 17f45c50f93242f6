package dev.mayfly.it;

import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.Labelled;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.DirectoryLock;
import dev.mayfly.linux.LoopDevice;
import dev.mayfly.linux.Mounts;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.supervisor.Scope;
import dev.mayfly.supervisor.SupervisorClaim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
      for (Labelled container : client.containers(SandboxId.LABEL)) {
        addStray(found, "container", container.labels().get(SandboxId.LABEL));
      }
      for (Labelled volume : client.volumes(SandboxId.LABEL)) {
        addStray(found, "volume", volume.labels().get(SandboxId.LABEL));
      }
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
      for (String name : Cgroups.detect().childrenOf("/mayfly")) {
        if (!isOnAnother(engine, name)) {
          addStray(found, "cgroup", name);
        }
      }
      for (String sandbox : links()) {
        addStray(found, "link", sandbox);
      }
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

  /** Whose network devices there are on the host: the device's alias tells it. */
  private static List<String> links() throws IOException {
    List<String> sandboxes = new ArrayList<>();
    try (Stream<Path> devices = Files.list(Path.of("/sys/class/net"))) {
      for (Path device : devices.toList()) {
        Path alias = device.resolve("ifalias");
        // Another test's device may go while this looks.
        String text = Files.exists(alias) ? Files.readString(alias).strip() : "";
        if (text.startsWith(SandboxId.LABEL + "=")) {
          sandboxes.add(text.substring(SandboxId.LABEL.length() + 1));
        }
      }
    }
    return sandboxes;
  }

  /** What a live supervisor holds is in use: other tests may run beside this one. */
  private static void addStray(List<String> found, String kind, @Nullable String sandbox)
      throws IOException {
    if (!DirectoryLock.isHeld(claim(sandbox))) {
      found.add(kind + " " + sandbox);
    }
  }

  /** Control groups are of all engines, and somebody may use another one beside this test. */
  private static boolean isOnAnother(Path engine, String sandbox) throws IOException {
    Path real = engine.toRealPath();
    return Scope.read(claim(sandbox)).filter(scope -> !scope.engine().equals(real)).isPresent();
  }

  private static Path claim(@Nullable String sandbox) {
    return SupervisorClaim.DIRECTORY.resolve(
        SandboxId.parse(String.valueOf(sandbox)).map(SandboxId::supervisor).orElse("unknown"));
  }
}
