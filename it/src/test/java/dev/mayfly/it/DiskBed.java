package dev.mayfly.it;

import dev.mayfly.linux.LoopDevice;
import dev.mayfly.monitor.DiskWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * A disk as a sandbox has it, with an overlay whose writable layer is on it and a volume, in a
 * mount name space of its own that a process keeps. All of it goes with the process.
 */
final class DiskBed implements AutoCloseable {
  private static final String SET_UP =
      """
      set -e
      cd "$1"
      mkdir disk lower
      cd lower
      mkdir -p etc/cron.d etc/sub dir/deep gone
      for i in 1 2 3 4 5 6 7 8 9; do echo lower > file$i; done
      echo lower > gone/inside
      ln -s /target symbolic
      cd ..
      truncate -s "$2" image
      mkfs.ext4 -q -F -m 0 -i 2048 -O ^has_journal,^resize_inode -E lazy_itable_init=1 image
      mount -o loop,nosuid,nodev image disk
      rm image
      cd disk
      mkdir -p container/diff container/work container/merged volumes/0
      mount -t overlay overlay \
        -o lowerdir="${3:-$1/lower}",upperdir=container/diff,workdir=container/work container/merged
      mkdir container/merged/workspace
      mount --bind volumes/0 container/merged/workspace
      echo ready
      exec cat
      """;

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Process keeper;
  private final Path directory;

  private DiskBed(Process keeper, Path directory) {
    this.keeper = keeper;
    this.directory = directory;
  }

  static DiskBed make(Path directory, String size) {
    return make(directory, size, "");
  }

  /** With all that the host has below, so that its programs can be run inside. */
  static DiskBed makeAboveHost(Path directory, String size) {
    return make(directory, size, "/");
  }

  private static DiskBed make(Path directory, String size, String lower) {
    try {
      Process keeper =
          new ProcessBuilder(
                  "unshare", "-m", "sh", "-c", SET_UP, "sh", directory.toString(), size, lower)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (keeper.inputReader().readLine() == null) {
        throw new AssertionError("no disk: the test wants root, loop devices and mkfs.ext4");
      }
      return new DiskBed(keeper, directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Mayfly would watch. */
  DiskWatch.Disk disk(Predicate<String> told) {
    return new DiskWatch.Disk(
        inside("disk"),
        List.of(
            new DiskWatch.Place("container/diff", "/", true),
            new DiskWatch.Place("volumes/0", "/workspace", false)),
        told);
  }

  /** A path of the bed as this process can reach it. */
  Path inside(String path) {
    return Path.of("/proc/" + keeper.pid() + "/root" + directory).resolve(path);
  }

  /** Runs a script in the root of the overlay; gives the pid of its shell. */
  long run(String script) {
    try {
      Process process =
          new ProcessBuilder(
                  "nsenter",
                  "--mount=/proc/" + keeper.pid() + "/ns/mnt",
                  "sh",
                  "-c",
                  "cd \"$1\"; eval \"$2\"",
                  "sh",
                  root().toString(),
                  script)
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new AssertionError(script + " ended with " + status + ": " + said);
      }
      return process.pid();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Where the overlay is mounted in the name space of {@link #keeper}. */
  Path root() {
    return directory.resolve("disk/container/merged");
  }

  long keeper() {
    return keeper.pid();
  }

  @Override
  public void close() {
    keeper.destroyForcibly();
    keeper.onExit().join();
    long end = System.nanoTime() + LIMIT.toNanos();
    while (isThere()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("somebody keeps the disk in " + directory);
      }
      Thread.onSpinWait();
    }
  }

  /** The kernel takes a name space away a little after its last process. */
  private boolean isThere() {
    try {
      return LoopDevice.list().stream()
          .anyMatch(loop -> loop.backing().startsWith(directory.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
