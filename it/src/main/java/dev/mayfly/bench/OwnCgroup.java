package dev.mayfly.bench;

import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Cgroups.Hierarchy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A cgroup that is a sandbox as far as the monitor is concerned, in cgroup2 and in v1's pids, as
 * far as there are both.
 */
final class OwnCgroup implements AutoCloseable {
  private static final AtomicInteger LAST = new AtomicInteger();

  private final String path =
      "/mayfly-bench-" + ProcessHandle.current().pid() + "-" + LAST.incrementAndGet();
  private final List<Path> directories = new ArrayList<>();

  OwnCgroup() throws IOException {
    Cgroups cgroups = Cgroups.detect();
    List<Path> roots =
        Stream.concat(
                cgroups.unified().stream(),
                cgroups.withController("pids").filter(pids -> !pids.unified()).stream())
            .map(Hierarchy::mount)
            .toList();
    for (Path root : roots) {
      directories.add(Files.createDirectory(root.resolve(path.substring(1))));
    }
  }

  /** As the monitor is told it. */
  String path() {
    return path;
  }

  /** Starts a command that is in the cgroup before it begins. */
  Process start(List<String> command) throws IOException {
    StringBuilder enter = new StringBuilder();
    for (Path directory : directories) {
      enter.append("echo 0 >").append(directory).append("/cgroup.procs && ");
    }
    List<String> inside = new ArrayList<>(List.of("/bin/sh", "-c", enter + "exec \"$@\"", "sh"));
    inside.addAll(command);
    return new ProcessBuilder(inside).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Override
  public void close() throws IOException {
    for (Path directory : directories) {
      Files.delete(directory);
    }
  }
}
