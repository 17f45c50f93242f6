package dev.mayfly.supervisor;

import dev.mayfly.bpf.BpfPins;
import dev.mayfly.egress.Egress;
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
 * supervisor is a stray. Those of a supervisor of another engine are left to whoever uses that one:
 * only there can be seen whether they are gone.
 */
public final class Reaper {
  private final Engine engine;
  private final Cgroups cgroups;
  private final Scope scope;
  private final SandboxDestroyer destroyer;
  private final Egress egress;

  public Reaper(
      Engine engine, Cgroups cgroups, Scope scope, SandboxDestroyer destroyer, Egress egress) {
    this.engine = engine;
    this.cgroups = cgroups;
    this.scope = scope;
    this.destroyer = destroyer;
    this.egress = egress;
  }

  /**
   * A stray, and whether it is gone now.
   *
   * @param found what there was of it, for a person
   */
  public record Reaped(SandboxId id, List<String> found, Teardown teardown) {
    public Reaped {
      found = List.copyOf(found);
    }
  }

  /**
   * Looks for strays and destroys them.
   *
   * @return every stray that was found
   */
  public List<Reaped> sweep() throws IOException, EngineException {
    Set<String> supervisors = new TreeSet<>(names(SupervisorClaim.DIRECTORY));
    found(scope.sandboxes()).keySet().forEach(id -> supervisors.add(id.supervisor()));
    List<Reaped> reaped = new ArrayList<>();
    for (String supervisor : supervisors) {
      Optional<DirectoryLock> lock = SupervisorClaim.takeOver(supervisor);
      if (lock.isPresent()) {
        try (DirectoryLock held = lock.get()) {
          reaped.addAll(clearUpBehind(supervisor, held));
        }
      }
    }
    egress.sweep(
        sandbox ->
            SandboxId.parse(sandbox).map(SandboxId::supervisor).filter(Reaper::claims).isPresent(),
        Reaper::claims);
    unpin();
    return List.copyOf(reaped);
  }

  /** What the kernel still does for supervisors of which nothing else is left. */
  private static void unpin() throws IOException {
    for (Path pins : BpfPins.list(SandboxMonitor.PINS)) {
      if (!claims(pins.getFileName().toString())) {
        BpfPins.remove(pins);
      }
    }
  }

  /** Whether a supervisor lives, or left something that is still to be destroyed. */
  private static boolean claims(String supervisor) {
    return Files.exists(SupervisorClaim.DIRECTORY.resolve(supervisor));
  }

  /** The claim stays while something is left, and tells the next one where to look. */
  private List<Reaped> clearUpBehind(String supervisor, DirectoryLock claim)
      throws IOException, EngineException {
    Scope theirs = Scope.read(claim.directory()).orElse(scope);
    if (!theirs.engine().equals(scope.engine())) {
      return List.of();
    }
    List<Reaped> reaped = new ArrayList<>();
    // Without what the supervisor destroyed itself before it ended.
    for (Map.Entry<SandboxId, List<String>> stray : found(theirs.sandboxes()).entrySet()) {
      SandboxId id = stray.getKey();
      if (id.supervisor().equals(supervisor)) {
        Teardown teardown = destroyer.in(theirs.sandboxes()).destroy(id, List.of());
        reaped.add(new Reaped(id, stray.getValue(), teardown));
      }
    }
    if (reaped.stream().allMatch(one -> one.teardown().verified())) {
      SupervisorClaim.remove(claim);
    }
    return reaped;
  }

  /** What has the id of a sandbox, whether its supervisor lives or not. */
  private Map<SandboxId, List<String>> found(Path sandboxes) throws IOException, EngineException {
    Map<SandboxId, List<String>> found = new TreeMap<>(Comparator.comparing(SandboxId::value));
    for (Labelled container : engine.containers(SandboxId.LABEL)) {
      SandboxId.parse(container.labels().getOrDefault(SandboxId.LABEL, ""))
          .ifPresent(id -> add(found, id, "container " + container.id()));
    }
    for (Labelled volume : engine.volumes(SandboxId.LABEL)) {
      SandboxId.parse(volume.labels().getOrDefault(SandboxId.LABEL, ""))
          .ifPresent(id -> add(found, id, "volume " + volume.id()));
    }
    for (String name : cgroups.childrenOf(SandboxPlanner.CGROUP_ROOT)) {
      SandboxId.parse(name)
          .ifPresent(id -> add(found, id, "cgroup " + SandboxPlanner.CGROUP_ROOT + "/" + name));
    }
    for (String name : names(sandboxes)) {
      SandboxId.parse(name).ifPresent(id -> add(found, id, "directory " + sandboxes.resolve(name)));
    }
    for (LoopDevice.Backed loop : LoopDevice.list()) {
      if (loop.backing().startsWith(sandboxes + "/")) {
        SandboxId.find(loop.backing())
            .ifPresent(id -> add(found, id, "loop device " + loop.device()));
      }
    }
    return found;
  }

  private static void add(Map<SandboxId, List<String>> found, SandboxId id, String what) {
    found.computeIfAbsent(id, _ -> new ArrayList<>()).add(what);
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
