package dev.mayfly.it;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Network;
import dev.mayfly.policy.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * A container on the engine of the sandboxes in which what Mayfly forbids is allowed, so that a
 * probe is seen to work there. It has no network.
 *
 * @param kernelPaths whether what engines mask and make read-only of {@code /proc} and {@code /sys}
 *     is open
 */
record ControlContainer(
    String user,
    List<Capability> capabilities,
    List<String> securityOptions,
    String userNamespace,
    boolean kernelPaths) {
  private static final DockerImageName IMAGE = DockerImageName.parse("mayfly-base");

  /** What a job that is root in its sandbox has. */
  private static final List<Capability> OF_ROOT =
      List.of(
          Capability.CHOWN,
          Capability.DAC_OVERRIDE,
          Capability.FOWNER,
          Capability.FSETID,
          Capability.SETUID,
          Capability.SETGID,
          Capability.KILL,
          Capability.NET_BIND_SERVICE);

  /**
   * What the attempts of {@code probes/job.py} need beside that to be let through. Not
   * SYS_RESOURCE: some virtual machines don't have it to give.
   */
  private static final List<Capability> FOR_ATTACKS =
      List.of(
          Capability.MKNOD,
          Capability.SYS_ADMIN,
          Capability.SYS_NICE,
          Capability.SYS_PTRACE,
          Capability.SYSLOG);

  /** What a job of this identity has, with these security options in the place of Mayfly's. */
  static ControlContainer of(Identity identity, String... securityOptions) {
    List<String> options = List.of(securityOptions);
    return switch (identity) {
      case ROOT, IMAGE -> new ControlContainer("0:0", OF_ROOT, options, "", false);
      case USER -> new ControlContainer("1001:1001", List.of(), options, "", false);
    };
  }

  /** Root of the host's user namespace with these capabilities and no other. */
  static ControlContainer ofHostRoot(List<Capability> capabilities, String... securityOptions) {
    return new ControlContainer("0:0", capabilities, List.of(securityOptions), "host", false);
  }

  /** Root of the host's user namespace from whom little is kept but devices and a network. */
  static ControlContainer unconfined() {
    return new ControlContainer(
        "0:0",
        Stream.concat(OF_ROOT.stream(), FOR_ATTACKS.stream()).toList(),
        List.of("no-new-privileges=false", "seccomp=unconfined", "apparmor=unconfined"),
        "host",
        true);
  }

  /**
   * Runs a command to its end, which must be a good one, and removes the container.
   *
   * @param files a directory that the container gets a copy of as its working directory
   * @return what the command wrote to its standard output
   */
  String run(Path files, String... command) {
    try (GenericContainer<?> container = new GenericContainer<>(IMAGE)) {
      container
          .withImagePullPolicy(name -> false)
          .withCopyFileToContainer(MountableFile.forHostPath(files), "/workspace")
          .withWorkingDirectory("/workspace")
          .withCommand(command)
          .withStartupCheckStrategy(new OneShotStartupCheckStrategy())
          .withCreateContainerCmdModifier(this::confine)
          .start();
      return container.getLogs(OutputFrame.OutputType.STDOUT);
    }
  }

  private void confine(CreateContainerCmd command) {
    command
        .withUser(user)
        .withHostConfig(
            new KernelPaths(kernelPaths ? List.of() : null)
                .withNetworkMode("none")
                .withCapDrop(Capability.ALL)
                .withCapAdd(capabilities.toArray(Capability[]::new))
                .withSecurityOpts(securityOptions)
                .withLogConfig(new LogConfig(LogConfig.LoggingType.JSON_FILE))
                .withUsernsMode(userNamespace));
  }

  /** Keys of the Engine API that docker-java's class lacks; null asks for the engine's defaults. */
  private static final class KernelPaths extends HostConfig {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable List<String> paths;

    KernelPaths(@Nullable List<String> paths) {
      this.paths = paths;
    }

    @JsonProperty("MaskedPaths")
    @Nullable List<String> masked() {
      return paths;
    }

    @JsonProperty("ReadonlyPaths")
    @Nullable List<String> readOnly() {
      return paths;
    }
  }

  /** Where the host can be reached on the engine's own bridge, if a container is attached to it. */
  static List<String> bridgeAddresses() {
    List<String> addresses = new ArrayList<>();
    for (Network.Ipam.Config subnet :
        DockerClientFactory.instance()
            .client()
            .inspectNetworkCmd()
            .withNetworkId("bridge")
            .exec()
            .getIpam()
            .getConfig()) {
      addresses.add(subnet.getGateway());
    }
    return addresses;
  }

  /** Containers of this test run that are still there. */
  static List<String> leftovers() {
    List<String> found = new ArrayList<>();
    DockerClientFactory.instance()
        .client()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(
            List.of(
                DockerClientFactory.TESTCONTAINERS_SESSION_ID_LABEL
                    + "="
                    + DockerClientFactory.SESSION_ID))
        .exec()
        .forEach(container -> found.add("container " + String.join(" ", container.getNames())));
    return found;
  }
}
