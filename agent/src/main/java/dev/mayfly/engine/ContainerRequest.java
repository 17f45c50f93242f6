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
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The Engine API's words for a {@link ContainerSpec}. */
final class ContainerRequest {
  private static final BigDecimal NANO = BigDecimal.valueOf(1_000_000_000);

  /** Above everything of the host, so that a host short of memory ends a job first. */
  private static final int OOM_SCORE_ADJUSTMENT = 500;

  private ContainerRequest() {}

  static CreateContainerCmd of(DockerClient client, ContainerSpec spec, boolean podman) {
    return client
        .createContainerCmd(spec.imageId())
        .withName(spec.name())
        .withHostName("sandbox")
        .withLabels(spec.labels())
        .withEntrypoint(spec.entrypoint())
        .withCmd(List.of())
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

  private static HostConfig hostConfig(ContainerSpec spec, boolean podman) {
    ContainerSpec.Limits limits = spec.limits();
    HostConfig config =
        new ReadOnlyPaths()
            .withNetworkMode("none")
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
  private static List<Ulimit> resourceLimits(ContainerSpec.Limits limits, boolean podman) {
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
      throw new UncheckedIOException("read the limits of this process", e);
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

  /** Docker takes the profile's text, Podman a path on its side (both seen: 20.10 and 4.3). */
  private static String seccomp(ContainerSpec spec, boolean podman) {
    if (!podman) {
      return spec.seccompProfile();
    }
    try {
      Path directory =
          Files.createDirectories(
              Path.of("/run/mayfly/seccomp"),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      String digest =
          HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest(spec.seccompProfile().getBytes(StandardCharsets.UTF_8)));
      Path file = directory.resolve(digest + ".json");
      if (!Files.exists(file)) {
        Path written = Files.createTempFile(directory, digest, ".new");
        Files.writeString(written, spec.seccompProfile());
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return file.toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException("write the seccomp profile for the engine", e);
    }
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
