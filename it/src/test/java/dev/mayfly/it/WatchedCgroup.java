package dev.mayfly.it;

import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Cgroups.Hierarchy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A cgroup of a test's own, in cgroup2 and in v1's pids, as far as there are both. */
final class WatchedCgroup implements AutoCloseable {
  static final String PREFIX = "mayfly-it-";
  private static final long LIMIT_SECONDS = 120;
  private static int last;

  private final String path = "/" + PREFIX + ProcessHandle.current().pid() + "-" + next();
  private final List<Path> directories = new ArrayList<>();

  WatchedCgroup() {
    try {
      for (Path root : roots()) {
        directories.add(Files.createDirectory(root.resolve(path.substring(1))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized int next() {
    return ++last;
  }

  private static List<Path> roots() throws IOException {
    Cgroups cgroups = Cgroups.detect();
    return Stream.concat(
            cgroups.unified().stream(),
            cgroups.withController("pids").filter(pids -> !pids.unified()).stream())
        .map(Hierarchy::mount)
        .toList();
  }

  /** Those of this process that are there. */
  static List<Path> left() throws IOException {
    List<Path> found = new ArrayList<>();
    String own = PREFIX + ProcessHandle.current().pid() + "-";
    for (Path root : roots()) {
      try (Stream<Path> groups = Files.list(root)) {
        groups.filter(g -> g.getFileName().toString().startsWith(own)).forEach(found::add);
      }
    }
    return found;
  }

  String path() {
    return path;
  }

  /** A command that is in the cgroup before it begins. */
  List<String> inside(String... command) {
    StringBuilder enter = new StringBuilder();
    for (Path directory : directories) {
      enter.append("echo 0 >").append(directory).append("/cgroup.procs || exit 99; ");
    }
    return Stream.concat(
            Stream.of("/bin/sh", "-c", enter + "exec \"$@\"", "sh"), Stream.of(command))
        .toList();
  }

  Process start(String... command) {
    return start(inside(command));
  }

  static Process start(List<String> command) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its exit code. */
  static int await(Process process) {
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("it still runs: " + process.info());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  int run(String... command) {
    return await(start(command));
  }

  @Override
  public void close() {
    try {
      for (Path directory : directories) {
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
