package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerFacts;
import dev.mayfly.linux.LoopDevice;
import dev.mayfly.linux.Mounts;
import dev.mayfly.linux.Ownership;
import dev.mayfly.policy.Limits;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The one disk of a sandbox, bounded in bytes and inodes: a loop-mounted ext4 file system that
 * takes the place of the container's writable layer, of its volumes and of the files that engines
 * keep for it outside of both ({@code /etc/hosts} and its like). The backing file has no name any
 * more once it is mounted, so it goes with the last mount, however Mayfly ends.
 *
 * <p>Below a sandbox's home: {@code disk/} the mounted file system with {@code container/}, {@code
 * volumes/N/} and {@code etc/}; {@code etc/} where the latter is bound to, for the engine to find.
 */
final class SandboxDisk {
  private static final List<String> IDENTITY_FILES = List.of("hosts", "hostname", "resolv.conf");

  /** What Podman binds from a directory of its own, where nothing else is bound. */
  private static final String CONTAINERENV = "containerenv";

  private static final String HOSTS =
      """
      127.0.0.1 localhost sandbox
      ::1 localhost ip6-localhost ip6-loopback
      """;

  private final Path home;
  private final Map<String, Path> volumes = new HashMap<>();

  /** The sandbox's root as the host numbers it, as the engine gave it the writable layer. */
  private Ownership hostRoot = new Ownership(0, 0);

  private SandboxDisk(Path home) {
    this.home = home;
  }

  /**
   * The files that the engine is to bind into the container, host path to container path.
   *
   * @param podman whether it is Podman that would otherwise bind more of its own
   */
  static Map<Path, String> identityFiles(Path home, boolean podman) {
    Map<Path, String> binds = new HashMap<>();
    for (String file : IDENTITY_FILES) {
      binds.put(home.resolve("etc").resolve(file), "/etc/" + file);
    }
    if (podman) {
      binds.put(home.resolve("etc").resolve(CONTAINERENV), "/run/.containerenv");
    }
    return binds;
  }

  /**
   * Makes the sandbox's home with the names that the engine looks for when it makes the container.
   */
  static void prepare(Path home) throws IOException {
    Files.createDirectory(
        home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.createDirectory(home.resolve("disk"));
    Files.createDirectory(home.resolve("etc"));
    for (String file : IDENTITY_FILES) {
      Files.createFile(home.resolve("etc").resolve(file));
    }
    Files.createFile(home.resolve("etc").resolve(CONTAINERENV));
  }

  /**
   * Makes the file system and mounts it in the prepared home. What fails half-way is found by its
   * path.
   */
  static SandboxDisk make(Path home, SandboxId id, Limits limits)
      throws IOException, InterruptedException {
    Path image = home.resolve(id + ".img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(limits.disk().bytes());
    }
    run(
        "mkfs.ext4",
        "-q",
        "-F",
        "-m",
        "0",
        "-b",
        "4096",
        "-N",
        Long.toString(limits.inodes()),
        "-O",
        "^has_journal,^resize_inode",
        "-E",
        "lazy_itable_init=1,nodiscard,root_owner=0:0",
        image.toString());
    Path disk = home.resolve("disk");
    try (LoopDevice loop = LoopDevice.attach(image)) {
      Mounts.mountScrapExt4(loop.path(), disk);
    }
    Files.delete(image);
    Files.createDirectory(disk.resolve("container"));
    Files.createDirectory(disk.resolve("volumes"));
    Files.createDirectory(disk.resolve("etc"));
    return new SandboxDisk(home);
  }

  /**
   * Puts the disk in the place of everything the container, not started yet, would write to.
   *
   * @param resolver whom it asks for names
   * @param aliases further names of its loopback
   */
  void place(ContainerFacts container, Optional<InetAddress> resolver, List<String> aliases)
      throws IOException, InterruptedException {
    Path upper =
        container
            .upperDirectory()
            .orElseThrow(() -> new IOException("the engine names no writable layer"));
    hostRoot = Ownership.of(upper);
    Path layer = Objects.requireNonNull(upper.getParent());
    moveOver(layer, home.resolve("disk/container"));
    for (ContainerFacts.Volume volume : container.volumes()) {
      Path place = home.resolve("disk/volumes").resolve(Integer.toString(volumes.size()));
      Files.createDirectory(place);
      moveOver(volume.source(), place);
      volumes.put(volume.target(), place);
    }
    Path etc = home.resolve("disk/etc");
    writeOwned(etc.resolve("hosts"), HOSTS + loopback(aliases));
    writeOwned(etc.resolve("hostname"), "sandbox\n");
    writeOwned(
        etc.resolve("resolv.conf"),
        resolver.map(address -> "nameserver " + address.getHostAddress() + "\n").orElse(""));
    writeOwned(etc.resolve(CONTAINERENV), "");
    Mounts.bind(etc, home.resolve("etc"));
  }

  private static String loopback(List<String> aliases) {
    return aliases.isEmpty() ? "" : "127.0.0.1 " + String.join(" ", aliases) + "\n";
  }

  private static void moveOver(Path original, Path place) throws IOException, InterruptedException {
    run("cp", "-a", "--", original + "/.", place + "/");
    Mounts.bind(place, original);
  }

  private void writeOwned(Path file, String text) throws IOException {
    Files.writeString(file, text);
    give(file, hostRoot);
  }

  /**
   * Makes the user a home and a name where the image has none for it, before the container runs.
   *
   * @param passwd the image's own file
   * @param group idem
   */
  void welcome(JobUser user, boolean known, String passwd, String group) throws IOException {
    Path upper = home.resolve("disk/container/diff");
    if (!known) {
      Path etc = directory(upper.resolve("etc"), "rwxr-xr-x");
      writeOwned(
          etc.resolve("passwd"),
          ended(passwd)
              + user.name()
              + ":x:"
              + user.uid()
              + ":"
              + user.gid()
              + "::"
              + user.home()
              + ":/bin/sh\n");
      if (!group.lines().anyMatch(line -> line.matches("[^:]*:[^:]*:" + user.gid() + ":.*"))) {
        writeOwned(etc.resolve("group"), ended(group) + user.name() + ":x:" + user.gid() + ":\n");
      }
      if (user.home().equals(JobUser.HOME) && !volumes.containsKey(JobUser.HOME)) {
        directory(upper.resolve("home"), "rwxr-xr-x");
        give(directory(upper.resolve("home/job"), "rwxr-x---"), user);
      }
    }
  }

  /**
   * Gives the user the workspace, and its home where that is a volume. To be called once the
   * container runs: Podman gives a volume to its own choice of user when it starts.
   */
  void handOver(JobUser user) throws IOException {
    give(workspace(), user);
    Path volume = volumes.get(user.home());
    if (volume != null && user.home().equals(JobUser.HOME)) {
      give(volume, user);
    }
  }

  private void give(Path file, JobUser user) throws IOException {
    give(file, ownerOf(user));
  }

  private static void give(Path file, Ownership owner) throws IOException {
    Ownership.give(file, owner.uid(), owner.gid());
  }

  private Path directory(Path path, String mode) throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectory(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      give(path, hostRoot);
    }
    return path;
  }

  private static String ended(String text) {
    return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
  }

  /** The workspace as the host sees it. */
  Path workspace() {
    Path workspace = volumes.get(SandboxPlan.WORKSPACE);
    if (workspace == null) {
      throw new IllegalStateException("the disk is not in place");
    }
    return workspace;
  }

  /**
   * Its directories that the sandbox sees, by their paths there; the writable layer is the root.
   */
  Map<String, Path> places() {
    Map<String, Path> places = new HashMap<>(volumes);
    places.put("/", home.resolve("disk/container/diff"));
    return places;
  }

  /** The host's numbers for a user of the sandbox; those of users and of groups start apart. */
  Ownership ownerOf(JobUser user) {
    return new Ownership(hostRoot.uid() + user.uid(), hostRoot.gid() + user.gid());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(
          String.join(" ", command)
              + " failed with "
              + code
              + ": "
              + said.strip().replaceAll("\\s+", " "));
    }
  }
}
