package dev.mayfly.sandbox;

import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Processes;
import dev.mayfly.policy.Limits;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads back from the kernel that what the engine was asked for took effect on PID 1: filter,
 * privileges, user name space and limits. It arms nothing of its own.
 */
public final class ConfinementGuard implements Guard {
  private static final String REMEDY = "mayfly check tells what this engine and kernel can't do";

  /** Numbers of include/uapi/linux/capability.h. */
  private static final Map<String, Integer> CAPABILITY_NUMBERS =
      Map.of(
          "CHOWN", 0,
          "DAC_OVERRIDE", 1,
          "FOWNER", 3,
          "FSETID", 4,
          "KILL", 5,
          "SETGID", 6,
          "SETUID", 7,
          "NET_BIND_SERVICE", 10);

  private final Cgroups cgroups;

  public ConfinementGuard(Cgroups cgroups) {
    this.cgroups = cgroups;
  }

  @Override
  public String name() {
    return "confinement";
  }

  @Override
  public Armed arm(Target target) throws GuardException {
    try {
      Map<String, String> status = Processes.status(target.pid());
      require("seccomp filter", "2", status.getOrDefault("Seccomp", "absent"));
      require("no_new_privs", "1", status.getOrDefault("NoNewPrivs", "absent"));
      require(
          "capability bounding set",
          mask(target.plan().container().capabilities()),
          status.getOrDefault("CapBnd", "absent"));
      if (target.plan().userNamespace() && Processes.hostUidOfRoot(target.pid()) == 0) {
        throw failure("user namespace", "the sandbox's root is the host's root", null);
      }
      Cgroup memory = cgroups.holding(target.pid(), "memory");
      checkLimits(cgroups.holding(target.pid(), "pids"), memory, target);
      return () -> checkEmpty(memory);
    } catch (IOException e) {
      throw failure("confinement", "it can't be read back: " + e.getMessage(), e);
    }
  }

  private static void checkLimits(Cgroup pids, Cgroup memory, Target target)
      throws IOException, GuardException {
    Optional<String> parent = target.plan().container().cgroupParent();
    for (Cgroup own : List.of(pids, memory)) {
      if (parent.isPresent() && !own.path().startsWith(parent.get() + "/")) {
        throw failure("limits", "PID 1 is not in the group " + parent.get(), null);
      }
    }
    Limits limits = target.plan().policy().limits();
    require("pids limit", (long) limits.pids(), nearest(pids, Cgroup::pidsLimit));
    long asked = limits.memory().bytes();
    long page = 65_536;
    Optional<Long> inForce = nearest(memory, Cgroup::memoryLimit);
    if (inForce.isEmpty() || Math.abs(inForce.get() - asked) >= page) {
      throw failure("memory limit", "asked for " + asked + " bytes, in force " + inForce, null);
    }
  }

  /** A limit of a group. */
  private interface Limit {
    Optional<Long> of(Cgroup group) throws IOException;
  }

  /** An engine may put PID 1 in a group of its own below the one that it limits. */
  private static Optional<Long> nearest(Cgroup own, Limit limit) throws IOException {
    for (Cgroup group : own.upwards()) {
      Optional<Long> found = limit.of(group);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** An engine's own group is found by nobody once the sandbox is gone. */
  private static void checkEmpty(Cgroup own) throws IOException {
    Set<Long> left = own.processes();
    if (!left.isEmpty()) {
      throw new IOException("processes " + left + " in the cgroup " + own.path());
    }
  }

  private static String mask(Set<String> capabilities) {
    long mask = 0;
    for (String capability : capabilities) {
      mask |= 1L << Objects.requireNonNull(CAPABILITY_NUMBERS.get(capability), capability);
    }
    return "%016x".formatted(mask);
  }

  private static void require(String what, Object asked, Object found) throws GuardException {
    Object value =
        found instanceof Optional<?> optional && optional.isPresent() ? optional.get() : found;
    if (!asked.equals(value)) {
      throw failure(what, "asked for " + asked + ", in force " + value, null);
    }
  }

  private static GuardException failure(String what, String reason, @Nullable Throwable cause) {
    return new GuardException(what, reason, REMEDY, cause);
  }
}
