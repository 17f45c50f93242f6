package dev.mayfly.linux;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One control group, by its path below the root of every hierarchy. */
public final class Cgroup {
  /** v1 tells the most pages that it can count where there is no limit, which differs by kernel. */
  private static final long NO_LIMIT = 1L << 62;

  private final Cgroups tree;
  private final String path;

  Cgroup(Cgroups tree, String path) {
    if (!isPath(path)) {
      throw new IllegalArgumentException("not the path of a cgroup: " + path);
    }
    this.tree = tree;
    this.path = path;
  }

  /** With what systemd has in the names of its units, too. */
  static boolean isPath(String path) {
    return path.matches("/[A-Za-z0-9_.@:\\\\/-]+") && !path.contains("..");
  }

  /**
   * What the group and everything that ever was below it have used. A counter that this kernel does
   * not keep is empty.
   *
   * @param cpu user and system time of all processors
   * @param peakMemory bytes, page cache included
   * @param io bytes read from and written to block devices
   * @param peakPids most processes and threads at one time
   */
  public record Usage(
      Optional<Duration> cpu,
      Optional<Long> peakMemory,
      Optional<Long> io,
      Optional<Long> peakPids) {
    public static final Usage UNKNOWN =
        new Usage(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * Makes the group where processes are counted, in every such hierarchy, and puts a process into
   * it: what that makes from now on is in it, too.
   */
  public void take(long pid) throws IOException {
    for (Path directory : tree.countingProcesses(path)) {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("cgroup.procs"), Long.toString(pid));
    }
  }

  /**
   * Makes the group, and bounds how many processes and threads are in it at a time.
   *
   * @return false where this host has no pids controller for it
   */
  public boolean limitProcesses(long most) throws IOException {
    Optional<Cgroups.Hierarchy> hierarchy = tree.withController("pids");
    if (hierarchy.isEmpty()) {
      return false;
    }
    Path group = hierarchy.get().mount().resolve(path.substring(1));
    Files.createDirectories(group);
    if (hierarchy.get().unified() && !handedDown("pids", hierarchy.get().mount())) {
      return false;
    }
    Path limit = group.resolve("pids.max");
    if (!Files.exists(limit)) {
      return false;
    }
    Files.writeString(limit, Long.toString(most));
    return true;
  }

  /**
   * Has the groups above this one let it have a controller of v2. Not so where one of them is not
   * given it itself, or has processes of its own and so can't (cgroup-v2, "No Internal Process
   * Constraint").
   */
  private boolean handedDown(String controller, Path mount) throws IOException {
    List<Path> above = new ArrayList<>(List.of(mount));
    upwards().reversed().forEach(group -> above.add(mount.resolve(group.path.substring(1))));
    for (Path group : above.subList(0, above.size() - 1)) {
      Path handed = group.resolve("cgroup.subtree_control");
      if (!words(handed).contains(controller)) {
        if (!words(group.resolve("cgroup.controllers")).contains(controller)) {
          return false;
        }
        try {
          Files.writeString(handed, "+" + controller);
        } catch (FileSystemException e) {
          return false;
        }
      }
    }
    return true;
  }

  private static List<String> words(Path file) throws IOException {
    return List.of(Files.readString(file).strip().split(" ", -1));
  }

  /**
   * Kills every process in the group and below it, whatever they do meanwhile: the kernel does it
   * at once (cgroup.kill, Linux 5.14, where v2 has the group), or else lets none make another any
   * more (pids.max) while they are killed one by one. They may be there for a moment after it
   * returned.
   */
  public void kill() throws IOException {
    Optional<Path> atOnce = tree.unifiedFile(path, "cgroup.kill");
    if (atOnce.isPresent()) {
      Files.writeString(atOnce.get(), "1");
      return;
    }
    Optional<Path> limit = tree.file("pids", path, "pids.max");
    if (limit.isPresent()) {
      Files.writeString(limit.get(), "0");
    }
    List<ProcessHandle> held =
        processes().stream().flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
    Set<Long> still = processes(); // What has its number still, is what is held.
    held.stream()
        .filter(process -> still.contains(process.pid()))
        .forEach(ProcessHandle::destroyForcibly);
  }

  public String path() {
    return path;
  }

  public boolean exists() {
    return !tree.directories(path).isEmpty();
  }

  /** The processes in the group and below it, as this process's pid name space numbers them. */
  public Set<Long> processes() throws IOException {
    Set<Long> pids = new TreeSet<>();
    for (Path top : tree.directories(path)) {
      for (Path directory : below(top)) {
        try {
          Path file = directory.resolve("cgroup.procs");
          for (String line : Files.readAllLines(file)) {
            pids.add(pid(file, line));
          }
        } catch (NoSuchFileException e) {
          // The group went away since it was listed, and its processes before it.
        }
      }
    }
    return pids;
  }

  /** The kernel tells 0 for a process that this pid name space has no number for. */
  private static long pid(Path file, String line) throws IOException {
    long pid = parsed(file, line);
    if (pid <= 0) {
      throw new IOException(
          file + " has a process of another pid name space; run Mayfly in the host's");
    }
    return pid;
  }

  /** The group directly below this one that holds the process. */
  public Optional<Cgroup> childOf(long pid) throws IOException {
    for (String name : tree.childrenOf(path)) {
      Cgroup child = tree.at(path + "/" + name);
      if (child.processes().contains(pid)) {
        return Optional.of(child);
      }
    }
    return Optional.empty();
  }

  public Usage usage() throws IOException {
    return new Usage(cpu(), peakMemory(), io(), number("pids", "pids.peak"));
  }

  private Optional<Duration> cpu() throws IOException {
    Optional<Long> nanos = number("cpuacct", "cpuacct.usage");
    if (nanos.isPresent()) {
      return nanos.map(Duration::ofNanos);
    }
    return keyed("cpu", "cpu.stat", "usage_usec").map(micros -> Duration.ofNanos(micros * 1000));
  }

  private Optional<Long> peakMemory() throws IOException {
    Optional<Long> v1 = number("memory", "memory.max_usage_in_bytes");
    return v1.isPresent() ? v1 : number("memory", "memory.peak");
  }

  private Optional<Long> io() throws IOException {
    Optional<Path> v1 = tree.file("blkio", path, "blkio.throttle.io_service_bytes_recursive");
    if (v1.isPresent()) {
      return keyed("blkio", "blkio.throttle.io_service_bytes_recursive", "Total");
    }
    Optional<Path> v2 = tree.file("io", path, "io.stat");
    if (v2.isEmpty()) {
      return Optional.empty();
    }
    long bytes = 0;
    for (String line : Files.readAllLines(v2.get())) {
      for (String field : line.split(" ")) {
        if (field.startsWith("rbytes=") || field.startsWith("wbytes=")) {
          bytes += parsed(v2.get(), field.substring(7));
        }
      }
    }
    return Optional.of(bytes);
  }

  /** The limit in force, for reading back what took effect; empty where there is none. */
  public Optional<Long> memoryLimit() throws IOException {
    Optional<Long> v1 = number("memory", "memory.limit_in_bytes").filter(limit -> limit < NO_LIMIT);
    return v1.isPresent() ? v1 : number("memory", "memory.max");
  }

  /** The limit in force, for reading back what took effect; empty where there is none. */
  public Optional<Long> pidsLimit() throws IOException {
    return number("pids", "pids.max");
  }

  /** This group, the one above it, and so on, without the root. */
  public List<Cgroup> upwards() {
    List<Cgroup> groups = new ArrayList<>();
    for (String at = path; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
      groups.add(tree.at(at));
    }
    return List.copyOf(groups);
  }

  /**
   * Processes that the kernel killed in the groups directly below this one because memory was full.
   * A group of v1 counts its own alone and takes the count along when it is removed, so this is to
   * be asked before that.
   *
   * @return empty where the kernel does not count them, or no group is below that did
   */
  public Optional<Long> memoryKills() throws IOException {
    Optional<Long> v2 = keyed("memory", "memory.events", "oom_kill");
    if (v2.isPresent()) {
      return v2;
    }
    Optional<Long> kills = Optional.empty();
    for (String name : tree.childrenOf(path)) {
      Optional<Long> own =
          tree.at(path + "/" + name).keyed("memory", "memory.oom_control", "oom_kill");
      if (own.isPresent()) {
        kills = Optional.of(kills.orElse(0L) + own.get());
      }
    }
    return kills;
  }

  private Optional<Long> number(String controller, String name) throws IOException {
    Optional<Path> file = tree.file(controller, path, name);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    String text = Files.readString(file.get()).strip();
    return text.equals("max") ? Optional.empty() : Optional.of(parsed(file.get(), text));
  }

  private static long parsed(Path file, String text) throws IOException {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IOException(file + " has no number but \"" + text.strip() + "\"", e);
    }
  }

  private Optional<Long> keyed(String controller, String name, String key) throws IOException {
    Optional<Path> file = tree.file(controller, path, name);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    for (String line : Files.readAllLines(file.get())) {
      if (line.startsWith(key + " ")) {
        return Optional.of(parsed(file.get(), line.substring(key.length() + 1)));
      }
    }
    return Optional.empty();
  }

  /**
   * Removes the group and the groups below it from every hierarchy. Only empty ones can be: what is
   * still used stays.
   *
   * @return whether nothing of it is left
   */
  public boolean remove() throws IOException {
    for (Path top : tree.directories(path)) {
      List<Path> deepestFirst = below(top).reversed();
      for (Path directory : deepestFirst) {
        try {
          Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
          return false;
        } catch (FileSystemException e) {
          if (Files.exists(directory)) {
            return false;
          }
        }
      }
    }
    return !exists();
  }

  private static List<Path> below(Path top) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            found.add(dir);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            if (failure == null || failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
    return found;
  }
}
