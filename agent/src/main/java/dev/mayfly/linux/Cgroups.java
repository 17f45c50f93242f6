package dev.mayfly.linux;

import dev.mayfly.linux.Mounts.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The control group hierarchies of this host: v1 ones, v2, or both beside each other (kernel
 * documents admin-guide/cgroup-v1 and admin-guide/cgroup-v2).
 */
public final class Cgroups {
  private static final Set<String> OPTIONS_THAT_ARE_NO_CONTROLLERS =
      Set.of("rw", "ro", "xattr", "clone_children", "noprefix");

  /** Which versions a host has mounted. */
  public enum Mode {
    V1,
    HYBRID,
    V2
  }

  /**
   * One mounted hierarchy.
   *
   * @param root path of the group that is mounted
   * @param controllers v1: what it was mounted with; v2: what its root offers
   */
  public record Hierarchy(Path mount, String root, boolean unified, Set<String> controllers) {
    public Hierarchy {
      controllers = Set.copyOf(controllers);
    }
  }

  private final List<Hierarchy> hierarchies;

  Cgroups(List<Hierarchy> hierarchies) {
    this.hierarchies = List.copyOf(hierarchies);
  }

  /**
   * Looks at what is mounted.
   *
   * @throws IOException where no hierarchy is: containers can't be limited there
   */
  public static Cgroups detect() throws IOException {
    return of(Mounts.list());
  }

  static Cgroups of(List<Mount> mounts) throws IOException {
    List<Hierarchy> found = new ArrayList<>();
    for (Mount mount : mounts) {
      switch (mount.fileSystem()) {
        case "cgroup" ->
            found.add(
                new Hierarchy(mount.target(), mount.root(), false, controllers(mount.options())));
        case "cgroup2" ->
            found.add(new Hierarchy(mount.target(), mount.root(), true, offered(mount.target())));
        default -> {}
      }
    }
    if (found.isEmpty()) {
      throw new IOException(
          "no cgroup hierarchy is mounted: mount cgroup2 on /sys/fs/cgroup, or start the host's init");
    }
    return new Cgroups(found);
  }

  private static Set<String> controllers(Set<String> options) {
    return options.stream()
        .filter(option -> !OPTIONS_THAT_ARE_NO_CONTROLLERS.contains(option))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Set<String> offered(Path mount) throws IOException {
    String text = Files.readString(mount.resolve("cgroup.controllers")).strip();
    return text.isEmpty() ? Set.of() : Set.of(text.split(" "));
  }

  public Mode mode() {
    boolean v2 = hierarchies.stream().anyMatch(Hierarchy::unified);
    boolean v1 = hierarchies.stream().anyMatch(h -> !h.unified());
    if (v1 && v2) {
      return Mode.HYBRID;
    }
    return v2 ? Mode.V2 : Mode.V1;
  }

  /** The hierarchy that has the controller, v1 name or v2 name alike. */
  public Optional<Hierarchy> withController(String name) {
    return hierarchies.stream().filter(h -> h.controllers().contains(name)).findFirst();
  }

  /** The hierarchy of v2, which may have no controller and no group. */
  public Optional<Hierarchy> unified() {
    return hierarchies.stream().filter(Hierarchy::unified).findFirst();
  }

  /** Whether the kernel counts the swap of groups, so that it can be bounded. */
  public boolean countsSwap() throws IOException {
    Optional<Hierarchy> memory = withController("memory");
    if (memory.isEmpty()) {
      return false;
    }
    Path mount = memory.get().mount();
    if (!memory.get().unified()) {
      return Files.exists(mount.resolve("memory.memsw.limit_in_bytes"));
    }
    try (Stream<Path> groups = Files.list(mount)) {
      return groups.anyMatch(group -> Files.exists(group.resolve("memory.swap.max")));
    }
  }

  /** The group at this path, in every hierarchy where it exists. */
  public Cgroup at(String path) {
    return new Cgroup(this, path);
  }

  /**
   * The group that holds a process, wherever its engine put it (cgroups(7), /proc/PID/cgroup).
   *
   * @param controller the one whose hierarchy counts: with v1, a process may be elsewhere in each
   * @throws IOException where it is in no group but the root, or this process can't see which
   */
  public Cgroup holding(long pid, String controller) throws IOException {
    return holding(pid, Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")), controller);
  }

  Cgroup holding(long pid, List<String> lines, String controller) throws IOException {
    Hierarchy hierarchy =
        withController(controller)
            .orElseThrow(() -> new IOException("no hierarchy has the controller " + controller));
    String told =
        lines.stream()
            .map(line -> line.split(":", 3))
            .filter(fields -> fields.length == 3 && isOf(hierarchy, fields[1], controller))
            .map(fields -> fields[2])
            .findFirst()
            .orElseThrow(
                () -> new IOException("process " + pid + " is in no group of " + controller));
    String path =
        !hierarchy.root().equals("/") && told.startsWith(hierarchy.root() + "/")
            ? told.substring(hierarchy.root().length())
            : told;
    if (!Cgroup.isPath(path) || !holds(hierarchy.mount().resolve(path.substring(1)), pid)) {
      throw new IOException(
          "process "
              + pid
              + " is in the group "
              + told
              + " of "
              + controller
              + ", which can't be seen from here; run Mayfly in the host's cgroup name space");
    }
    return at(path);
  }

  private static boolean holds(Path directory, long pid) throws IOException {
    Path processes = directory.resolve("cgroup.procs");
    return Files.exists(processes) && Files.readAllLines(processes).contains(Long.toString(pid));
  }

  private static boolean isOf(Hierarchy hierarchy, String controllers, String controller) {
    return hierarchy.unified()
        ? controllers.isEmpty()
        : List.of(controllers.split(",")).contains(controller);
  }

  /** The names of the groups directly below a path, in any hierarchy. */
  public Set<String> childrenOf(String path) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path directory : directories(path)) {
      try (Stream<Path> entries = Files.list(directory)) {
        entries.filter(Files::isDirectory).forEach(e -> names.add(e.getFileName().toString()));
      } catch (NoSuchFileException e) {
        // Removed since it was listed: nothing is below it.
      }
    }
    return Set.copyOf(names);
  }

  List<Path> directories(String path) {
    return hierarchies.stream()
        .map(h -> h.mount().resolve(path.substring(1)))
        .filter(Files::isDirectory)
        .distinct()
        .toList();
  }

  /** Where a group is, or would be, in the hierarchy of the pids controller and in that of v2. */
  List<Path> countingProcesses(String path) {
    return Stream.concat(withController("pids").stream(), unified().stream())
        .map(h -> h.mount().resolve(path.substring(1)))
        .distinct()
        .toList();
  }

  Optional<Path> unifiedFile(String path, String name) {
    return unified()
        .map(h -> h.mount().resolve(path.substring(1)).resolve(name))
        .filter(Files::exists);
  }

  Optional<Path> file(String controller, String path, String name) {
    return withController(controller)
        .map(h -> h.mount().resolve(path.substring(1)).resolve(name))
        .filter(Files::exists);
  }
}
