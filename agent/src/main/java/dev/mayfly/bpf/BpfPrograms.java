package dev.mayfly.bpf;

import dev.mayfly.linux.BpfMap;
import dev.mayfly.linux.BpfObject;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Cgroups.Hierarchy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The monitor's programs, loaded and attached as far as this kernel takes them. They end when this
 * is closed or its process dies, but for what is pinned.
 */
public final class BpfPrograms implements AutoCloseable {
  private static final String ROOT = "/";

  private final Map<ProgramGroup, BpfObject> objects = new EnumMap<>(ProgramGroup.class);
  private final List<String> weaknesses = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();

  private BpfPrograms() {}

  /**
   * Loads and attaches all groups. One that this kernel refuses is told as a weakness.
   *
   * @param ringBytes of the ring of events, a power of two
   * @throws IOException where the core's programs are refused, or libbpf is missing; nothing is
   *     loaded then
   */
  public static BpfPrograms load(int ringBytes, Cgroups hierarchies) throws IOException {
    BpfPrograms programs = new BpfPrograms();
    try {
      for (ProgramGroup group : ProgramGroup.values()) {
        programs.load(group, ringBytes, hierarchies);
      }
      return programs;
    } catch (IOException | RuntimeException e) {
      programs.close();
      throw e;
    }
  }

  private void load(ProgramGroup group, int ringBytes, Cgroups hierarchies) throws IOException {
    try {
      Optional<byte[]> image = image(group);
      if (image.isEmpty()) {
        throw new IOException(group.resource() + " is not in this package");
      }
      BpfObject object = BpfObject.open(group.word(), image.get());
      try {
        object.sizeRings(ringBytes);
        BpfObject core = objects.get(ProgramGroup.CORE);
        if (core != null) {
          object.shareMapsOf(core);
        }
        object.load();
        object.attach(group == ProgramGroup.NETWORK ? cgroupRoot(hierarchies) : Optional.empty());
      } catch (IOException | RuntimeException e) {
        object.close();
        throw e;
      }
      objects.put(group, object);
    } catch (IOException e) {
      if (group == ProgramGroup.CORE) {
        throw e;
      }
      weaknesses.add(group.lost() + ": " + e.getMessage());
      if (group.tells()) {
        gaps.add(weaknesses.getLast());
      }
    }
  }

  private static Optional<byte[]> image(ProgramGroup group) throws IOException {
    try (InputStream resource = BpfPrograms.class.getResourceAsStream(group.resource())) {
      return resource == null ? Optional.empty() : Optional.of(resource.readAllBytes());
    }
  }

  private static Optional<Path> cgroupRoot(Cgroups hierarchies) throws IOException {
    Hierarchy unified =
        hierarchies
            .unified()
            .orElseThrow(
                () ->
                    new IOException(
                        "cgroup2 is not mounted; mount it, as on /sys/fs/cgroup/unified"));
    if (!unified.root().equals(ROOT)) {
      throw new IOException(
          unified.mount() + " is not the root of cgroup2; run Mayfly in the host's name spaces");
    }
    return Optional.of(unified.mount());
  }

  /** Which groups are attached. */
  public Set<ProgramGroup> inForce() {
    return Set.copyOf(objects.keySet());
  }

  /** Those of the weaknesses that leave something of what a job does unseen. */
  public List<String> gaps() {
    return List.copyOf(gaps);
  }

  /** What is missing because a group is not attached, and why, each a sentence for a person. */
  public List<String> weaknesses() {
    return List.copyOf(weaknesses);
  }

  /** A map of the programs that are attached, valid until this is closed. */
  public Optional<BpfMap> map(String name) {
    return objects.values().stream().flatMap(object -> object.map(name).stream()).findFirst();
  }

  /** One that all of the core's programs share. */
  public BpfMap coreMap(String name) {
    return map(name)
        .orElseThrow(() -> new IllegalStateException("the core's programs have no map " + name));
  }

  /** How many programs are attached. */
  public int attached() {
    return objects.values().stream().mapToInt(BpfObject::attached).sum();
  }

  /**
   * Pins links and maps in a directory of a BPF file system, so that the programs outlive this
   * process, however it ends.
   *
   * @throws IOException where that can't be done; part of it may be then
   */
  public void pin(Path directory) throws IOException {
    for (Map.Entry<ProgramGroup, BpfObject> entry : objects.entrySet()) {
      entry.getValue().pinLinks(directory);
      if (entry.getKey() == ProgramGroup.CORE) {
        entry.getValue().pinMaps(directory);
      }
    }
  }

  @Override
  public void close() {
    // The core's last: the others use its maps.
    List<BpfObject> lastFirst = new ArrayList<>(objects.values()).reversed();
    objects.clear();
    lastFirst.forEach(BpfObject::close);
  }
}
