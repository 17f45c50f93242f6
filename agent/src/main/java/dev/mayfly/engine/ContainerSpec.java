package dev.mayfly.engine;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A container to make. It always has: no TTY, an open standard input that ends when the one
 * attachment ends, log driver {@code none}, no health check, a private IPC, UTS and cgroup name
 * space, {@code no-new-privileges}, no swap, no restart.
 *
 * @param imageId digest of the image, never a name that could change its meaning
 * @param environment {@code NAME=VALUE} of PID 1, beside and before what the image sets
 * @param capabilities without {@code CAP_}; all others are dropped
 * @param seccompProfile the profile's JSON text
 * @param cgroupParent path of the group to make the container's group in
 * @param volumes directories of the container that become anonymous volumes with the same labels
 * @param tmpfs directory to mount options
 * @param writableBinds file on the sandbox's own disk, as the host sees it, to path in the
 *     container
 * @param readOnlyBinds host path to directory of the container
 * @param network whose network it is in; empty: one of its own, which has nothing but loopback
 */
public record ContainerSpec(
    String name,
    Map<String, String> labels,
    String imageId,
    List<String> entrypoint,
    List<String> environment,
    Set<String> capabilities,
    String seccompProfile,
    Limits limits,
    Optional<String> cgroupParent,
    boolean readOnlyRoot,
    Set<String> volumes,
    Map<String, String> tmpfs,
    Map<Path, String> writableBinds,
    Map<Path, String> readOnlyBinds,
    Optional<ContainerId> network) {
  public ContainerSpec {
    labels = Map.copyOf(labels);
    entrypoint = List.copyOf(entrypoint);
    environment = List.copyOf(environment);
    capabilities = Set.copyOf(capabilities);
    volumes = Set.copyOf(volumes);
    tmpfs = Map.copyOf(tmpfs);
    writableBinds = Map.copyOf(writableBinds);
    readOnlyBinds = Map.copyOf(readOnlyBinds);
  }

  /**
   * What the engine has the kernel bound.
   *
   * @param openFiles of each process; engines that set a limit of their own accord must not go over
   *     it, the others may leave it to the container's PID 1
   */
  public record Limits(BigDecimal cpus, long memoryBytes, int pids, int openFiles) {}
}
