package dev.mayfly.bench;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.WaitContainerCondition;
import com.github.dockerjava.api.model.WaitResponse;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.mayfly.engine.ContainerSpec;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a user of the same engine does without Mayfly, with the limits of a sandbox: {@code docker
 * run --rm} and {@code docker exec}, as programs and as the calls to the engine that they make. The
 * disk is the one limit that it can't have.
 */
final class Docker implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;
  private static final BigDecimal NANO = BigDecimal.valueOf(1_000_000_000);

  private final Path socket;
  private final DockerClient client;
  private final ContainerSpec spec;
  private final Path profile;
  private final Path emptyConfig;

  /**
   * @param spec of the sandbox that this is compared with
   * @param scratch an existing directory of the benchmark's own
   */
  Docker(Path socket, ContainerSpec spec, Path scratch) throws IOException {
    this.socket = socket;
    this.spec = spec;
    this.profile = Files.writeString(scratch.resolve("seccomp.json"), spec.seccompProfile());
    this.emptyConfig = Files.createDirectories(scratch.resolve("docker-config"));
    DefaultDockerClientConfig config =
        new DefaultDockerClientConfig.Builder()
            .withDockerHost("unix://" + socket)
            .withDockerTlsVerify(false)
            .build();
    this.client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  Probe runByProgram(Path docker) {
    List<String> command = program(docker, "run", "--rm");
    confine(command);
    command.add(spec.imageId());
    Collections.addAll(command, Output.COMMAND);
    return new ProgramProbe(command, Output.EXPECTED);
  }

  /** The command that makes a container that will run, and do nothing. */
  List<String> create(Path docker) {
    List<String> command = program(docker, "create");
    confine(command);
    Collections.addAll(command, spec.imageId(), "/bin/sleep", "infinity");
    return command;
  }

  private void confine(List<String> command) {
    ContainerSpec.Limits limits = spec.limits();
    Collections.addAll(command, "--network", "none", "--log-driver", "none");
    Collections.addAll(command, "--ipc", "private", "--user", "0:0", "--cap-drop", "ALL");
    spec.capabilities().forEach(name -> Collections.addAll(command, "--cap-add", name));
    Collections.addAll(command, "--security-opt", "no-new-privileges");
    Collections.addAll(command, "--security-opt", "seccomp=" + profile);
    Collections.addAll(command, "--memory", Long.toString(limits.memoryBytes()));
    Collections.addAll(command, "--memory-swap", Long.toString(limits.memoryBytes()));
    Collections.addAll(command, "--cpus", limits.cpus().toPlainString());
    Collections.addAll(command, "--pids-limit", Integer.toString(limits.pids()));
  }

  Probe runByCalls() {
    return () -> {
      Output output = new Output();
      String container =
          client
              .createContainerCmd(spec.imageId())
              .withCmd(Output.COMMAND)
              .withUser("0:0")
              .withAttachStdout(true)
              .withAttachStderr(true)
              .withHostConfig(hostConfig().withAutoRemove(true))
              .exec()
              .getId();
      try (Frames frames =
              client
                  .attachContainerCmd(container)
                  .withStdOut(true)
                  .withStdErr(true)
                  .withFollowStream(true)
                  .exec(new Frames(output));
          ResultCallback.Adapter<WaitResponse> removed =
              client
                  .waitContainerCmd(container)
                  .withCondition(WaitContainerCondition.REMOVED)
                  .exec(new ResultCallback.Adapter<>())) {
        await(frames.awaitStarted(LIMIT_SECONDS, TimeUnit.SECONDS), "attach");
        await(removed.awaitStarted(LIMIT_SECONDS, TimeUnit.SECONDS), "wait");
        client.startContainerCmd(container).exec();
        await(frames.awaitCompletion(LIMIT_SECONDS, TimeUnit.SECONDS), "output");
        await(removed.awaitCompletion(LIMIT_SECONDS, TimeUnit.SECONDS), "removal");
      }
      return output.sample(Output.EXPECTED);
    };
  }

  /** A container that runs, and does nothing. */
  String startIdle() {
    String container =
        client
            .createContainerCmd(spec.imageId())
            .withCmd("/bin/sleep", "infinity")
            .withUser("0:0")
            .withHostConfig(hostConfig())
            .exec()
            .getId();
    client.startContainerCmd(container).exec();
    return container;
  }

  void remove(String container) {
    client.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
  }

  Probe execByProgram(Path docker, String container) {
    List<String> command = program(docker, "exec", container);
    Collections.addAll(command, Output.COMMAND);
    return new ProgramProbe(command, Output.EXPECTED);
  }

  Probe execByCalls(String container) {
    return () -> {
      Output output = new Output();
      String exec =
          client
              .execCreateCmd(container)
              .withCmd(Output.COMMAND)
              .withAttachStdout(true)
              .withAttachStderr(true)
              .exec()
              .getId();
      try (Frames frames = client.execStartCmd(exec).exec(new Frames(output))) {
        await(frames.awaitCompletion(LIMIT_SECONDS, TimeUnit.SECONDS), "output");
      }
      Long code = client.inspectExecCmd(exec).exec().getExitCodeLong();
      if (code == null || code != 0) {
        throw new IOException("the command in the container exited with " + code);
      }
      return output.sample(Output.EXPECTED);
    };
  }

  /** The beginning of a command of the engine's own client, for more to be added. */
  List<String> program(Path docker, String... arguments) {
    List<String> command = new ArrayList<>();
    Collections.addAll(command, docker.toString(), "--config", emptyConfig.toString());
    Collections.addAll(command, "--host", "unix://" + socket);
    Collections.addAll(command, arguments);
    return command;
  }

  private HostConfig hostConfig() {
    ContainerSpec.Limits limits = spec.limits();
    return HostConfig.newHostConfig()
        .withNetworkMode("none")
        .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
        .withIpcMode("private")
        .withCapDrop(Capability.ALL)
        .withCapAdd(
            spec.capabilities().stream().map(Capability::valueOf).toArray(Capability[]::new))
        .withSecurityOpts(List.of("no-new-privileges", "seccomp=" + spec.seccompProfile()))
        .withMemory(limits.memoryBytes())
        .withMemorySwap(limits.memoryBytes())
        .withNanoCPUs(limits.cpus().multiply(NANO).longValueExact())
        .withPidsLimit((long) limits.pids());
  }

  private static void await(boolean done, String what) throws IOException {
    if (!done) {
      throw new IOException("no " + what + " from the engine after " + LIMIT_SECONDS + " s");
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  private static final class Frames extends ResultCallback.Adapter<Frame> {
    private final Output output;

    Frames(Output output) {
      this.output = output;
    }

    @Override
    public void onNext(Frame frame) {
      byte[] bytes = frame.getPayload();
      output.write(bytes, 0, bytes.length);
    }
  }
}
