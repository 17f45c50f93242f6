package dev.mayfly.engine;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.BindOptions;
import com.github.dockerjava.api.model.BindPropagation;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.VolumeOptions;
import dev.mayfly.linux.ResourceLimits;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Engine API's words for a {@link ContainerSpec}. */
final class ContainerRequest {
  private static final BigDecimal NANO = BigDecimal.valueOf(1_000_000_000);

  /** Above everything of the host, so that a host short of memory ends a job first. */
  private static final int OOM_SCORE_ADJUSTMENT = 500;

  private static final Path SECCOMP_FILES = Path.of("/run/mayfly/seccomp");

  private ContainerRequest() {}

  static CreateContainerCmd of(DockerClient client, ContainerSpec spec, boolean podman)
      throws EngineException {
    CreateContainerCmd request = client.createContainerCmd(spec.imageId());
    // Docker refuses a name where the network is another's, and gives that one's; Podman gives the
    // container's own number, which nothing resolves.
    if (podman || spec.network().isEmpty()) {
      request.withHostName("sandbox");
    }
    return request
        .withName(spec.name())
        .withLabels(spec.labels())
        .withEntrypoint(spec.entrypoint())
        .withCmd(List.of())
        .withEnv(spec.environment())
        .withUser("0:0")
        .withWorkingDir("/")
        .withHealthcheck(new HealthCheck().withTest(List.of("NONE")))
        .withTty(false)
        .withStdinOpen(true)
        .withStdInOnce(true)
        .withAttachStdin(true)
        .withAttachStdout(true)
        .withAttachStderr(true)
        .withHostConfig(hostConfig(spec, podman));
  }

  private static HostConfig hostConfig(ContainerSpec spec, boolean podman) throws EngineException {
    ContainerSpec.Limits limits = spec.limits();
    HostConfig config =
        new ReadOnlyPaths()
            .withNetworkMode(
                spec.network().map(other -> "container:" + other.value()).orElse("none"))
            .withIpcMode("private")
            .withCgroupnsMode("private")
            .withRestartPolicy(RestartPolicy.noRestart())
            .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
            .withPrivileged(false)
            .withInit(false)
            .withCapDrop(Capability.ALL)
            .withCapAdd(
                spec.capabilities().stream().map(Capability::valueOf).toArray(Capability[]::new))
            .withSecurityOpts(List.of("no-new-privileges", "seccomp=" + seccomp(spec, podman)))
            .withReadonlyRootfs(spec.readOnlyRoot())
            .withMemory(limits.memoryBytes())
            .withMemorySwap(limits.memoryBytes())
            .withNanoCPUs(limits.cpus().multiply(NANO).longValueExact())
            .withPidsLimit((long) limits.pids())
            .withUlimits(resourceLimits(limits, podman))
            .withOomScoreAdj(OOM_SCORE_ADJUSTMENT)
            .withTmpFs(spec.tmpfs())
            .withMounts(mounts(spec));
    return spec.cgroupParent().map(config::withCgroupParent).orElse(config);
  }

  /**
   * Podman raises what it is not told to values that it may not set where it has no
   * CAP_SYS_RESOURCE (seen: 4.3), so it is told values that this process has, too.
   */
  private static List<Ulimit> resourceLimits(ContainerSpec.Limits limits, boolean podman)
      throws EngineException {
    Ulimit core = new Ulimit("core", 0L, 0L);
    if (!podman) {
      return List.of(core);
    }
    try {
      long files = Math.min(limits.openFiles(), ResourceLimits.openFiles());
      long processes = ResourceLimits.processes();
      return List.of(
          core, new Ulimit("nofile", files, files), new Ulimit("nproc", processes, processes));
    } catch (IOException e) {
      throw new EngineException(
          "read limits", "of this process", e.toString(), "is /proc mounted?", e);
    }
  }

  private static List<Mount> mounts(ContainerSpec spec) {
    List<Mount> mounts = new ArrayList<>();
    spec.readOnlyBinds().forEach((source, target) -> mounts.add(bind(source, target, true)));
    spec.writableBinds().forEach((source, target) -> mounts.add(bind(source, target, false)));
    for (String target : spec.volumes()) {
      mounts.add(
          new Mount()
              .withType(MountType.VOLUME)
              .withTarget(target)
              .withVolumeOptions(new VolumeOptions().withLabels(Map.copyOf(spec.labels()))));
    }
    return mounts;
  }

  private static Mount bind(Path source, String target, boolean readOnly) {
    return new Mount()
        .withType(MountType.BIND)
        .withSource(source.toString())
        .withTarget(target)
        .withReadOnly(readOnly)
        .withBindOptions(new BindOptions().withPropagation(BindPropagation.R_PRIVATE));
  }

  /** Docker takes the profile's text (seen: 20.10). */
  private static String seccomp(ContainerSpec spec, boolean podman) throws EngineException {
    return podman
        ? SeccompFile.of(SECCOMP_FILES, spec.seccompProfile()).toString()
        : spec.seccompProfile();
  }

  /** A key of the Engine API that docker-java's class lacks. */
  private static final class ReadOnlyPaths extends HostConfig {
    private static final long serialVersionUID = 1L;

    /**
     * What Docker makes read-only by itself, and the control groups, which it leaves writable where
     * there is a user namespace.
     */
    @JsonProperty("ReadonlyPaths")
    List<String> paths() {
      return List.of(
          "/proc/bus",
          "/proc/fs",
          "/proc/irq",
          "/proc/sys",
          "/proc/sysrq-trigger",
          "/sys/fs/cgroup");
    }
  }
}
