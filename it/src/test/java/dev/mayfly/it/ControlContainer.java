package dev.mayfly.it;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import dev.mayfly.policy.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * A container on the engine of the sandboxes in which what Mayfly forbids is allowed, so that a
 * probe is seen to work there. It has no network.
 */
final class ControlContainer {
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

  private final String user;
  private final List<Capability> capabilities;
  private final List<String> securityOptions;
  private final String userNamespace;

  private ControlContainer(
      String user,
      List<Capability> capabilities,
      List<String> securityOptions,
      String userNamespace) {
    this.user = user;
    this.capabilities = capabilities;
    this.securityOptions = securityOptions;
    this.userNamespace = userNamespace;
  }

  /** What a job of this identity has, with these security options in the place of Mayfly's. */
  static ControlContainer of(Identity identity, String... securityOptions) {
    return switch (identity) {
      case ROOT, IMAGE -> new ControlContainer("0:0", OF_ROOT, List.of(securityOptions), "");
      case USER -> new ControlContainer("1001:1001", List.of(), List.of(securityOptions), "");
    };
  }

  /** Root of the host's user namespace with these capabilities and no other. */
  static ControlContainer ofHostRoot(List<Capability> capabilities, String... securityOptions) {
    return new ControlContainer("0:0", capabilities, List.of(securityOptions), "host");
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
            HostConfig.newHostConfig()
                .withNetworkMode("none")
                .withCapDrop(Capability.ALL)
                .withCapAdd(capabilities.toArray(Capability[]::new))
                .withSecurityOpts(securityOptions)
                .withLogConfig(new LogConfig(LogConfig.LoggingType.JSON_FILE))
                .withUsernsMode(userNamespace));
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
