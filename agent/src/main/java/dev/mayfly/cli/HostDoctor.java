package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.missing;
import static dev.mayfly.cli.Diagnosis.ok;
import static dev.mayfly.cli.Diagnosis.weak;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Kernel;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Looks at the host: kernel, cgroups, programs, memory and disk. */
final class HostDoctor {
  private static final String REFUSED = "every job is refused";
  private static final String NOT_BOUNDED = "the disk of a sandbox can't be bounded: " + REFUSED;

  private final MayflyConfig config;

  HostDoctor(MayflyConfig config) {
    this.config = config;
  }

  List<Diagnosis> examine() {
    List<Diagnosis> found = new ArrayList<>();
    cgroups(found);
    found.add(userNamespaces());
    found.add(loopDevices());
    found.add(program("mkfs.ext4", "e2fsprogs", NOT_BOUNDED));
    found.add(openat2());
    found.add(bpf());
    found.add(memory());
    found.add(disk());
    return found;
  }

  private static void cgroups(List<Diagnosis> found) {
    try {
      Cgroups cgroups = Cgroups.detect();
      String mode = cgroups.mode().name().toLowerCase(Locale.ROOT);
      for (String controller : List.of("memory", "pids", "cpu")) {
        found.add(
            cgroups.withController(controller).isPresent()
                ? ok("cgroup " + controller, mode)
                : missing(
                    "cgroup " + controller,
                    "no such controller (" + mode + ")",
                    "jobs can't be limited: " + REFUSED,
                    "enable it on the kernel's command line: cgroup_enable=" + controller));
      }
      if (Kernel.swaps() && !cgroups.countsSwap()) {
        found.add(
            weak(
                "swap",
                "in use, and not counted by the kernel",
                "a job can use swap beside its memory limit",
                "swapoff -a, or boot with swapaccount=1"));
      }
    } catch (IOException e) {
      found.add(
          missing(
              "cgroups",
              String.valueOf(e.getMessage()),
              "jobs can't be limited: " + REFUSED,
              "mount -t cgroup2 none /sys/fs/cgroup"));
    }
  }

  private static Diagnosis userNamespaces() {
    try {
      Optional<Long> most = Kernel.mostUserNamespaces();
      if (most.isPresent() && most.get() > 0) {
        return ok("user namespaces", "the kernel has them");
      }
      return missing(
          "user namespaces",
          most.isPresent() ? "switched off" : "not in this kernel",
          "the private engine can't remap root: its jobs are refused",
          most.isPresent()
              ? "sysctl -w user.max_user_namespaces=15000"
              : "boot a kernel with CONFIG_USER_NS");
    } catch (IOException e) {
      return unknown("user namespaces", e);
    }
  }

  private static Diagnosis loopDevices() {
    return Files.isWritable(Path.of("/dev/loop-control"))
        ? ok("loop devices", "usable")
        : missing(
            "loop devices",
            "/dev/loop-control can't be written",
            NOT_BOUNDED,
            "modprobe loop, and run mayfly as root");
  }

  private static Diagnosis program(String name, String debianPackage, String consequence) {
    return onPath(name)
        .map(path -> ok(name, path.toString()))
        .orElseGet(
            () -> missing(name, "not in PATH", consequence, "apt-get install " + debianPackage));
  }

  private static Optional<Path> onPath(String name) {
    for (String directory :
        Optional.ofNullable(System.getenv("PATH")).orElse("/usr/sbin:/usr/bin").split(":", -1)) {
      Path program = Path.of(directory, name);
      if (Files.isExecutable(program)) {
        return Optional.of(program);
      }
    }
    return Optional.empty();
  }

  private static Diagnosis openat2() {
    return Kernel.refusesOpenat2()
        .map(
            reason ->
                missing(
                    "openat2",
                    reason,
                    "workspaces can't be copied safely: jobs with --workspace are refused",
                    "boot Linux 5.6 or later"))
        .orElseGet(() -> ok("openat2", "works"));
  }

  private static Diagnosis bpf() {
    String consequence = "less is seen of what jobs do: see monitor below";
    Optional<String> refusal = Kernel.refusesBpf();
    if (refusal.isPresent()) {
      return weak(
          "BPF",
          refusal.get(),
          consequence,
          "run mayfly as root, on a kernel with CONFIG_BPF_SYSCALL");
    }
    return Kernel.hasTypeInformation()
        ? ok("BPF", "programs load, the kernel tells its types")
        : weak(
            "BPF",
            "programs load, but there is no /sys/kernel/btf/vmlinux",
            consequence,
            "boot a kernel with CONFIG_DEBUG_INFO_BTF");
  }

  private Diagnosis memory() {
    long asked =
        config.policies().stream().mapToLong(p -> p.limits().memory().bytes()).max().orElse(0);
    try {
      long available = Kernel.availableMemory();
      String found = rounded(available) + " available";
      return available >= asked
          ? ok("memory", found)
          : weak(
              "memory",
              found,
              "a job that uses its whole limit of "
                  + new ByteSize(asked)
                  + " can bring the host into distress",
              "lower limits.memory, or give the host more");
    } catch (IOException e) {
      return unknown("memory", e);
    }
  }

  private Diagnosis disk() {
    Policy largest =
        config.policies().stream()
            .max((a, b) -> Long.compare(a.limits().disk().bytes(), b.limits().disk().bytes()))
            .orElse(Policy.DEFAULT);
    Path place = config.stateDir();
    while (!Files.exists(place) && place.getParent() != null) {
      place = place.getParent();
    }
    try {
      long free = Files.getFileStore(place).getUsableSpace();
      String found = rounded(free) + " free at " + place;
      return free >= largest.limits().disk().bytes()
          ? ok("disk", found)
          : weak(
              "disk",
              found,
              "a job that fills its "
                  + largest.limits().disk()
                  + " sees I/O errors first, and so do others",
              "free space, lower limits.disk of policy " + largest.name() + ", or move state-dir");
    } catch (IOException e) {
      return unknown("disk", e);
    }
  }

  /** To whole GiB, or whole MiB where that is nothing. */
  private static ByteSize rounded(long bytes) {
    return bytes >= 1L << 30 ? ByteSize.ofGiB(bytes >> 30) : ByteSize.ofMiB(bytes >> 20);
  }

  private static Diagnosis unknown(String subject, IOException failure) {
    return weak(
        subject,
        "could not be found out: " + failure.getMessage(),
        "it may be missing",
        "run mayfly check as root");
  }
}
