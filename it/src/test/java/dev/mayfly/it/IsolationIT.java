package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a job sees: its own files, processes and loopback, and nothing of the host. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IsolationIT {
  private static final int SIGTERM = 15;

  /** An address of the range that engines take their bridges from. */
  private static final String UNUSED_ADDRESS = "198.18.0.1";

  /** Kinds of file systems that hold no files of the host's disks. */
  private static final Set<String> KERNELS_OWN =
      Set.of(
          "overlay", "proc", "sysfs", "tmpfs", "devpts", "devtmpfs", "mqueue", "cgroup", "cgroup2");

  private final Path directory;
  private final Mayfly mayfly;
  private final List<String> addresses = new ArrayList<>(List.of(UNUSED_ADDRESS));
  private final JobView root;
  private final JobView user;
  private final JobView readOnlyRoot;
  private final JobView readOnlyUser;

  IsolationIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.mayfly =
        Mayfly.onPrivateEngine(
            directory,
            """
            policies:
            - {name: root, identity: root, monitor: off, egress: {mode: none}}
            - {name: user, identity: user, monitor: off, egress: {mode: none}}
            - {name: read-only-root, identity: root, read-only-root: true, monitor: off, egress: {mode: none}}
            - {name: read-only-user, identity: user, read-only-root: true, monitor: off, egress: {mode: none}}
            """);
    Path probe = JobView.probeIn(directory.resolve("probe"));
    addresses.addAll(ControlContainer.bridgeAddresses());
    root = JobView.ofJob(mayfly, "root", probe, addresses.toArray(String[]::new));
    user = JobView.ofJob(mayfly, "user", probe, addresses.toArray(String[]::new));
    readOnlyRoot = JobView.ofJob(mayfly, "read-only-root", probe);
    readOnlyUser = JobView.ofJob(mayfly, "read-only-user", probe);
  }

  private List<JobView> jobs() {
    return List.of(root, user, readOnlyRoot, readOnlyUser);
  }

  @AfterAll
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @Test
  void findsNoSocketButItsOwn() {
    for (JobView job : jobs()) {
      assertThat(job.files("sockets")).as(job.toString()).containsExactly("/workspace/socket");
    }
  }

  @Test
  void hasTheStandardDevicesOnly() {
    for (JobView job : jobs()) {
      assertThat(job.attempt("make a file")).as(job.toString()).isEqualTo("OK");
      assertThat(job.files("devices"))
          .as(job.toString())
          .containsExactly(
              "/dev/full",
              "/dev/null",
              "/dev/pts/ptmx",
              "/dev/random",
              "/dev/tty",
              "/dev/urandom",
              "/dev/zero");
    }
  }

  @Test
  void hasNoFilesOfTheHostButMayflysToolsReadOnly() {
    for (JobView job : jobs()) {
      assertThat(targets(job, mount -> isFiles(mount) && isOwnDisk(mount)))
          .as("on the disk of %s", job)
          .contains("/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/workspace")
          .isSubsetOf(
              "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/workspace", job.fact("home"));
      assertThat(targets(job, mount -> isFiles(mount) && !isOwnDisk(mount)))
          .as("of the host to %s", job)
          .containsOnly("/.mayfly");
      assertThat(job.mount("/.mayfly").options()).as(job.toString()).contains("ro");
      assertThat(job.attempt("write in /.mayfly")).as(job.toString()).isIn("EROFS", "EACCES");
      assertThat(job.attempt("write in /workspace")).as(job.toString()).isEqualTo("OK");
    }
  }

  private static boolean isFiles(JobView.Mount mount) {
    return !KERNELS_OWN.contains(mount.type());
  }

  private static boolean isOwnDisk(JobView.Mount mount) {
    return mount.source().startsWith("/dev/loop");
  }

  private static List<String> targets(JobView job, Predicate<JobView.Mount> which) {
    return job.mounts().stream().filter(which).map(JobView.Mount::target).toList();
  }

  @Test
  void hasOnlySingleNodesOfTheHostsDevices() {
    for (JobView job : jobs()) {
      assertThat(job.mounts())
          .as(job.toString())
          .filteredOn(mount -> mount.type().equals("devtmpfs"))
          .isNotEmpty()
          .allMatch(mount -> mount.root().matches("/(full|null|random|tty|urandom|zero)"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/sys", "/sys", "/sys/fs/cgroup"})
  void hasKernelSettingsReadOnly(String path) {
    for (JobView job : jobs()) {
      assertThat(job.mount(path).options()).as(job.toString()).contains("ro");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/etc", "/usr/bin", "/var/lib"})
  void writesToTheRootFileSystemUnlessItIsReadOnly(String place) {
    assertThat(root.attempt("write in " + place)).isEqualTo("OK");
    assertThat(user.attempt("write in " + place)).isEqualTo("EACCES");
    assertThat(readOnlyRoot.attempt("write in " + place)).isEqualTo("EROFS");
    assertThat(readOnlyUser.attempt("write in " + place)).isEqualTo("EROFS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"write in HOME", "write in /tmp", "write in /workspace", "run from /tmp"})
  void hasPlacesOfItsOwn(String attempt) {
    for (JobView job : jobs()) {
      assertThat(job.attempt(attempt)).as(job.toString()).isEqualTo("OK");
    }
  }

  @Test
  void hasANameAndAHome() {
    for (JobView job : jobs()) {
      assertThat(job.fact("user")).as(job.toString()).isIn("root", "job");
      assertThat(job.fact("HOME")).as(job.toString()).isEqualTo(job.fact("home"));
      assertThat(job.fact("host name")).as(job.toString()).isEqualTo("sandbox");
    }
  }

  @Test
  void opensItsOutputByPath() {
    for (JobView job : jobs()) {
      assertThat(job.attempt("open /dev/stdout")).as(job.toString()).isEqualTo("OK");
      assertThat(job.attempt("open /dev/stderr")).as(job.toString()).isEqualTo("OK");
      assertThat(job.result().stdout()).as(job.toString()).startsWith("stdout by its path\n");
      assertThat(job.result().stderr()).as(job.toString()).isEqualTo("stderr by its path\n");
    }
  }

  @Test
  void reachesNothingButItsOwnLoopback() {
    for (JobView job : List.of(root, user)) {
      assertThat(job.attempt("connect on loopback")).as(job.toString()).isEqualTo("OK");
      assertThat(job.attempts("connect by "))
          .as(job.toString())
          .hasSize(2 * addresses.size())
          // The latter for IPv6, where there is no address to connect from.
          .allSatisfy((_, result) -> assertThat(result).isIn("ENETUNREACH", "EADDRNOTAVAIL"))
          .containsEntry("connect by TCP to " + UNUSED_ADDRESS, "ENETUNREACH");
    }
  }

  @Test
  void hasNoNetworkDeviceButLoopback() {
    for (JobView job : jobs()) {
      // Some kernels put tunnel devices that are down into every name space.
      assertThat(job.fact("interfaces").split(" "))
          .as(job.toString())
          .contains("lo")
          .allMatch(
              name ->
                  name.matches(
                      "lo|(tunl|gre|gretap|erspan|sit|ip6tnl|ip6gre|ip_vti|ip6_vti|ifb)\\d+"));
    }
  }

  @Test
  void seesNoProcessButItsOwn() {
    for (JobView job : jobs()) {
      assertThat(job.processes()).as(job.toString()).containsOnlyKeys("mayfly-init", "python3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"root", "user"})
  void isNobodyOnTheHost(String policy) throws Exception {
    try (RunningExec running =
        new RunningExec(
            mayfly.start(
                mayfly.execLine(
                    List.of("--policy", policy), "sh", "-c", "echo started; exec sleep 1000")))) {
      running.awaitLine("started");

      List<Map<String, String>> processes = new ArrayList<>();
      for (long pid : Processes.in(Processes.namespace(running.pid1(), "pid"))) {
        processes.add(Processes.status(pid));
      }

      assertThat(processes)
          .extracting(status -> status.get("Name"))
          .containsExactlyInAnyOrder("mayfly-init", "sleep");
      assertThat(processes)
          .allSatisfy(
              status -> {
                assertThat(ids(status, "Uid")).allMatch(id -> id >= 65_536);
                assertThat(ids(status, "Gid")).allMatch(id -> id >= 65_536);
              });
      running.signal(SIGTERM);
      running.await();
    }
  }

  private static List<Long> ids(Map<String, String> status, String field) {
    return Arrays.stream(status.getOrDefault(field, "").split("\\s+")).map(Long::valueOf).toList();
  }
}
