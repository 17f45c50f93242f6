package dev.mayfly.supervisor;

import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.Labelled;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.DirectoryLock;
import dev.mayfly.linux.LoopDevice;
import dev.mayfly.sandbox.SandboxDestroyer;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.Teardown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Destroys what dead supervisors left. What carries a sandbox's id and belongs to no live
 * supervisor is a stray.
 */
public final class Reaper {
  private final Engine engine;
  private final Cgroups cgroups;
  private final Path sandboxes;
  private final SandboxDestroyer destroyer;

  public Reaper(Engine engine, Cgroups cgroups, Path sandboxes, SandboxDestroyer destroyer) {
    this.engine = engine;
    this.cgroups = cgroups;
    this.sandboxes = sandboxes;
    this.destroyer = destroyer;
  }

  /** A stray, and whether it is gone now. */
  public record Reaped(SandboxId id, Teardown teardown) {}

  /**
   * Looks for strays and destroys them.
   *
   * @return every stray that was found
   */
  public List<Reaped> sweep() throws IOException, EngineException {
    Map<String, Set<SandboxId>> bySupervisor = new TreeMap<>();
    for (SandboxId id : found()) {
      bySupervisor
          .computeIfAbsent(
              id.supervisor(), _ -> new TreeSet<>(Comparator.comparing(SandboxId::value)))
          .add(id);
    }
    for (String supervisor : names(SupervisorClaim.DIRECTORY)) {
      bySupervisor.computeIfAbsent(supervisor, _ -> Set.of());
    }
    List<Reaped> reaped = new ArrayList<>();
    for (Map.Entry<String, Set<SandboxId>> entry : bySupervisor.entrySet()) {
      Optional<DirectoryLock> lock = SupervisorClaim.takeOver(entry.getKey());
      if (lock.isPresent()) {
        try (DirectoryLock held = lock.get()) {
          for (SandboxId id : stillThere(entry.getValue())) {
            reaped.add(new Reaped(id, destroyer.destroy(id, List.of())));
          }
          Files.deleteIfExists(held.directory());
        }
      }
    }
    return List.copyOf(reaped);
  }

  /** Without what its supervisor destroyed itself before it ended. */
  private Set<SandboxId> stillThere(Set<SandboxId> ids) throws IOException, EngineException {
    if (ids.isEmpty()) {
      return ids;
    }
    Set<SandboxId> there = found();
    there.retainAll(ids);
    return there;
  }

  private Set<SandboxId> found() throws IOException, EngineException {
    List<String> names = new ArrayList<>();
    for (Labelled container : engine.containers(SandboxId.LABEL)) {
      names.add(String.valueOf(container.labels().get(SandboxId.LABEL)));
    }
    for (Labelled volume : engine.volumes(SandboxId.LABEL)) {
      names.add(String.valueOf(volume.labels().get(SandboxId.LABEL)));
    }
    names.addAll(cgroups.childrenOf(SandboxPlanner.CGROUP_ROOT));
    names.addAll(names(sandboxes));
    Set<SandboxId> ids = new TreeSet<>(Comparator.comparing(SandboxId::value));
    names.forEach(name -> SandboxId.parse(name).ifPresent(ids::add));
    for (LoopDevice.Backed loop : LoopDevice.list()) {
      if (loop.backing().startsWith(sandboxes + "/")) {
        SandboxId.find(loop.backing()).ifPresent(ids::add);
      }
    }
    return ids;
  }

  private static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }
}
