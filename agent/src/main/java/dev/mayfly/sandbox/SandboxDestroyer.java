package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.Labelled;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.LoopDevice;
import dev.mayfly.linux.MountedExt4;
import dev.mayfly.linux.Mounts;
import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Destroys all that carries a sandbox's id, whoever made it and however far that got, and looks
 * whether it is gone. It needs to know nothing but the id.
 */
public final class SandboxDestroyer {
  private static final int SIGKILL = 9;
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(4);
  static final Duration RETRY_LIMIT = Duration.ofSeconds(5);

  /**
   * How long an engine may take from its last look at the sandbox's home until it lists the volumes
   * or the container that it makes there. Both are steps of its memory.
   */
  private static final Duration SETTLING = Duration.ofSeconds(1);

  private static final Executor OWN_THREAD =
      task -> Thread.ofPlatform().name("destroy").daemon().start(task);
  static final Duration RETRY_PAUSE = Duration.ofMillis(50);

  private final Engine engine;
  private final Cgroups cgroups;
  private final Path sandboxes;

  /**
   * @param sandboxes directory of the host below which each sandbox has its own
   */
  public SandboxDestroyer(Engine engine, Cgroups cgroups, Path sandboxes) {
    this.engine = engine;
    this.cgroups = cgroups;
    this.sandboxes = sandboxes;
  }

  /** The same for sandboxes that have their directories elsewhere. */
  public SandboxDestroyer in(Path otherSandboxes) {
    return new SandboxDestroyer(engine, cgroups, otherSandboxes);
  }

  /**
   * Destroys, looks, and tries again for some seconds while something is left.
   *
   * <p>A home without a container may be one for which the engine still makes it, though whoever
   * asked for it is gone. Once the home is, Docker refuses to begin, for what it is to bind is
   * missing; and what an engine has begun is listed soon. So then all is looked at once more,
   * later.
   *
   * @param namespaces the sandbox's own, where they are known and held, in which no process may
   *     live any more
   */
  public Teardown destroy(SandboxId id, List<Processes.Namespace> namespaces) {
    return CompletableFuture.supplyAsync(() -> destroyed(id, namespaces), OWN_THREAD).join();
  }

  /**
   * In a thread that nobody interrupts: a job that is cancelled has to be destroyed all the same.
   */
  private Teardown destroyed(SandboxId id, List<Processes.Namespace> namespaces) {
    Instant limit = Instant.now().plus(RETRY_LIMIT);
    boolean settled = !Files.exists(sandboxes.resolve(id.value()));
    while (true) {
      Attempt attempt = attempt(id);
      List<String> leftovers = leftovers(id, namespaces);
      settled |= attempt.sawContainer();
      if (leftovers.isEmpty() && settled) {
        return new Teardown(List.of());
      }
      if (leftovers.isEmpty()) {
        settled = true;
        pause(SETTLING);
        continue;
      }
      if (Instant.now().isAfter(limit)) {
        List<String> told = new ArrayList<>(leftovers);
        told.addAll(attempt.failures());
        return new Teardown(told);
      }
      pause(RETRY_PAUSE);
    }
  }

  static void pause(Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** One step of a destruction; those after it are tried whether it works or not. */
  private interface Step {
    void run() throws IOException, EngineException;
  }

  /**
   * What came of one try.
   *
   * @param sawContainer whether the engine had made it
   */
  private record Attempt(Collection<String> failures, boolean sawContainer) {}

  private Attempt attempt(SandboxId id) {
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    AtomicBoolean sawContainer = new AtomicBoolean();
    attempt(failures, () -> discardDisk(id));
    attempt(failures, () -> sawContainer.set(killContainers(id)));
    attempt(failures, () -> killGroup(id));
    attempt(failures, () -> detachMounts(id));
    CompletableFuture<Void> onHost =
        CompletableFuture.runAsync(
            () -> {
              attempt(failures, () -> deleteTree(sandboxes.resolve(id.value())));
              attempt(failures, () -> group(id).remove());
            },
            OWN_THREAD);
    attempt(failures, () -> removeContainers(id));
    attempt(failures, () -> removeVolumes(id));
    onHost.join();
    return new Attempt(failures, sawContainer.get());
  }

  private static void attempt(Collection<String> failures, Step step) {
    try {
      step.run();
    } catch (IOException | EngineException | RuntimeException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
  }

  private List<Labelled> containers(SandboxId id) throws EngineException {
    return engine.containers(SandboxId.LABEL + "=" + id);
  }

  private Cgroup group(SandboxId id) {
    return cgroups.at(SandboxPlanner.CGROUP_ROOT + "/" + id);
  }

  /** Returns whether there was one. */
  private boolean killContainers(SandboxId id) throws EngineException {
    List<Labelled> containers = containers(id);
    for (Labelled container : containers) {
      ContainerId containerId = new ContainerId(container.id());
      if (engine.inspect(containerId).running()) {
        engine.kill(containerId);
        engine.awaitExit(containerId, EXIT_LIMIT);
      }
    }
    return !containers.isEmpty();
  }

  private void killGroup(SandboxId id) throws IOException {
    for (long pid : group(id).processes()) {
      Processes.signal(pid, SIGKILL);
    }
  }

  /**
   * Drops what the sandbox's disk has not written yet. Otherwise the end of the sandbox waits for
   * it, twice: when its root is unmounted and when the disk is. The engine sees its own directories
   * again first, in which it looks things up.
   */
  void discardDisk(SandboxId id) throws IOException {
    for (Mounts.Mount mount : mounts(id)) {
      Optional<MountedExt4> disk = MountedExt4.open(mount.target(), Path.of(mount.source()));
      if (disk.isPresent()) {
        try (MountedExt4 open = disk.get()) {
          detachMounts(id);
          open.shutDown();
        }
        return;
      }
    }
  }

  private static void detachMounts(SandboxId id) throws IOException {
    for (Mounts.Mount mount : mounts(id).reversed()) {
      Mounts.detach(mount.target());
    }
  }

  /** In the order they were made: all mounts of the sandbox's loop device. */
  private static List<Mounts.Mount> mounts(SandboxId id) throws IOException {
    Set<String> devices = new TreeSet<>();
    for (LoopDevice.Backed loop : loopDevices(id)) {
      devices.add(loop.device().toString());
    }
    return Mounts.list().stream().filter(mount -> devices.contains(mount.source())).toList();
  }

  private static List<LoopDevice.Backed> loopDevices(SandboxId id) throws IOException {
    return LoopDevice.list().stream()
        .filter(loop -> loop.backing().contains("/" + id + ".img"))
        .toList();
  }

  private void removeContainers(SandboxId id) throws EngineException {
    for (Labelled container : containers(id)) {
      engine.remove(new ContainerId(container.id()));
    }
  }

  private void removeVolumes(SandboxId id) throws EngineException {
    for (Labelled volume : engine.volumes(SandboxId.LABEL + "=" + id)) {
      engine.removeVolume(volume.id());
    }
  }

  /** Deletes without following links and without entering what is mounted there. */
  private static void deleteTree(Path top) throws IOException {
    if (!Files.exists(top)) {
      return;
    }
    for (Mounts.Mount mount : Mounts.list()) {
      if (mount.target().startsWith(top)) {
        throw new IOException(mount.target() + " is still mounted");
      }
    }
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private List<String> leftovers(SandboxId id, List<Processes.Namespace> namespaces) {
    CompletableFuture<List<String>> onHost =
        CompletableFuture.supplyAsync(() -> leftoversOnHost(id, namespaces), OWN_THREAD);
    List<String> found = new ArrayList<>();
    attempt(found, () -> containers(id).forEach(c -> found.add("container " + c.id())));
    attempt(
        found,
        () ->
            engine
                .volumes(SandboxId.LABEL + "=" + id)
                .forEach(volume -> found.add("volume " + volume.id())));
    found.addAll(onHost.join());
    return found;
  }

  private List<String> leftoversOnHost(SandboxId id, List<Processes.Namespace> namespaces) {
    List<String> found = new ArrayList<>();
    attempt(found, () -> mounts(id).forEach(mount -> found.add("mount " + mount.target())));
    attempt(
        found, () -> loopDevices(id).forEach(loop -> found.add("loop device " + loop.device())));
    attempt(
        found,
        () -> {
          Cgroup group = group(id);
          group.processes().forEach(pid -> found.add("process " + pid));
          if (group.exists()) {
            found.add("cgroup " + group.path());
          }
        });
    attempt(
        found,
        () -> {
          for (Processes.Namespace namespace : namespaces) {
            for (long pid : Processes.in(namespace)) {
              found.add("process " + pid + " in the sandbox's " + namespace.kind() + " name space");
            }
          }
        });
    if (Files.exists(sandboxes.resolve(id.value()))) {
      found.add("directory " + sandboxes.resolve(id.value()));
    }
    return found;
  }
}
