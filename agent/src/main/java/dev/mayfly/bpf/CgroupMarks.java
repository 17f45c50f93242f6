package dev.mayfly.bpf;

import dev.mayfly.linux.BpfMap;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Cgroups.Hierarchy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells the programs which cgroups are a sandbox's: a process that comes into one is its for ever.
 */
public final class CgroupMarks {
  private final BpfMap cgroups;
  private final Cgroups hierarchies;

  /**
   * @param cgroups the programs' map of that name
   */
  public CgroupMarks(BpfMap cgroups, Cgroups hierarchies) {
    this.cgroups = cgroups;
    this.hierarchies = hierarchies;
  }

  /** Cgroups that are marked, as the map knows them. */
  public record Marked(List<byte[]> keys) {
    public Marked {
      keys = List.copyOf(keys);
    }
  }

  /** Whether this host has a hierarchy that processes can be told apart by. */
  public static boolean possible(Cgroups hierarchies) {
    return hierarchies.unified().isPresent() || pids(hierarchies).isPresent();
  }

  private static Optional<Hierarchy> pids(Cgroups hierarchies) {
    return hierarchies.withController("pids").filter(hierarchy -> !hierarchy.unified());
  }

  /**
   * Marks the cgroup of that path, in cgroup2 and in v1's pids, wherever it exists.
   *
   * @throws IOException where it exists in neither, or can't be marked; nothing is marked then
   */
  public Marked mark(String path, long sandbox) throws IOException {
    List<byte[]> keys = new ArrayList<>();
    try {
      mark(hierarchies.unified(), EventLayout.HIERARCHY_V2, path, sandbox, keys);
      mark(pids(hierarchies), EventLayout.HIERARCHY_PIDS, path, sandbox, keys);
    } catch (IOException e) {
      try {
        unmark(new Marked(keys));
      } catch (IOException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
    if (keys.isEmpty()) {
      throw new IOException(
          "the cgroup " + path + " exists neither in cgroup2 nor in the hierarchy of pids");
    }
    return new Marked(keys);
  }

  private void mark(
      Optional<Hierarchy> hierarchy, int number, String path, long sandbox, List<byte[]> marked)
      throws IOException {
    if (hierarchy.isEmpty()) {
      return;
    }
    Path directory = hierarchy.get().mount().resolve(path.substring(1));
    if (!Files.isDirectory(directory)) {
      return;
    }
    byte[] key = new byte[EventLayout.CGROUP_KEY_SIZE];
    ByteBuffer.wrap(key)
        .order(ByteOrder.nativeOrder())
        .putInt(0, number)
        .putLong(EventLayout.CGROUP_KEY_INODE, (Long) Files.getAttribute(directory, "unix:ino"));
    byte[] value = new byte[Long.BYTES];
    ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).putLong(0, sandbox);
    cgroups.put(key, value);
    marked.add(key);
  }

  /** Takes the marks away from the cgroups. Processes keep theirs. */
  public void unmark(Marked marked) throws IOException {
    IOException failure = null;
    for (byte[] key : marked.keys()) {
      try {
        cgroups.remove(key);
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
