package dev.mayfly.sandbox;

import dev.mayfly.linux.Mounts;
import dev.mayfly.linux.Mounts.Mount;
import dev.mayfly.policy.Quote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads back that whatever the sandbox can write to is on its own disk, or in its memory. An engine
 * that does not see Mayfly's mounts would have it write to the host's disks instead.
 */
public final class DiskGuard implements Guard {
  private static final String REMEDY = "let Mayfly and the engine run in the same mount name space";

  /** Those in which nobody can keep data. */
  private static final Set<String> OF_THE_KERNEL =
      Set.of("proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts", "selinuxfs", "securityfs");

  private static final int S_IFMT = 0xf000;
  private static final int S_IFCHR = 0x2000;

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public Armed arm(Target target) throws GuardException {
    Path root = Path.of("/proc/" + target.pid() + "/root");
    Path disk = target.plan().home().resolve("disk");
    try {
      Optional<String> unbounded =
          unbounded(Mounts.seenBy(target.pid()), device(disk), mount -> isDevice(root, mount));
      if (unbounded.isPresent()) {
        throw failure(unbounded.get() + " is not on the sandbox's disk", null);
      }
      if (bytes(root) != bytes(disk)) {
        throw failure("the root file system is not on the sandbox's disk", null);
      }
    } catch (IOException e) {
      throw failure("it can't be read back: " + e.getMessage(), e);
    }
    return () -> {};
  }

  /** Number of the file system that is mounted there, as mountinfo writes it. */
  private static String device(Path disk) throws IOException {
    return Mounts.list().stream()
        .filter(mount -> mount.target().equals(disk))
        .reduce((_, last) -> last)
        .map(Mount::device)
        .orElseThrow(() -> new IOException("nothing is mounted on " + disk));
  }

  /**
   * The first place that can be written to without a bound.
   *
   * @param mounts all that the sandbox sees; of its root, which the engine put together, no device
   *     number tells the disk
   */
  static Optional<String> unbounded(List<Mount> mounts, String disk, Predicate<Mount> isDevice) {
    return mounts.stream()
        .filter(Mount::writable)
        .filter(mount -> !mount.device().equals(disk))
        .filter(mount -> !mount.target().equals(Path.of("/")))
        .filter(mount -> !OF_THE_KERNEL.contains(mount.fileSystem()))
        .filter(mount -> !isWholeTmpfs(mount))
        .filter(isDevice.negate())
        .map(mount -> Quote.of(mount.target().toString()))
        .findFirst();
  }

  /** A part of one is the host's: its size was not chosen for the sandbox. */
  private static boolean isWholeTmpfs(Mount mount) {
    return mount.fileSystem().equals("tmpfs") && mount.root().equals("/");
  }

  /** Whether the mount is one of a device's node, such as {@code /dev/null}. */
  private static boolean isDevice(Path root, Mount mount) {
    try {
      Path node = root.resolve(Path.of("/").relativize(mount.target()));
      int mode = (Integer) Files.getAttribute(node, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return (mode & S_IFMT) == S_IFCHR;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Size of the file system below a path. That of an overlay is its writable layer's, as the one
   * who mounted it sees it.
   */
  private static long bytes(Path path) throws IOException {
    long bytes = path.toFile().getTotalSpace();
    if (bytes == 0) {
      throw new IOException(path + " does not tell its size");
    }
    return bytes;
  }

  private static GuardException failure(String reason, @Nullable Throwable cause) {
    return new GuardException("disk limit", reason, REMEDY, cause);
  }
}
