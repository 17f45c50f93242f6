package dev.mayfly.engine;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.InternetProtocol;
import com.github.dockerjava.api.model.WaitResponse;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The Docker Engine API on a Unix socket, as Docker and Podman serve it. */
public final class DockerEngine implements Engine {
  private static final int MAX_CONNECTIONS = 4096;
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final EngineCalls.Limits LIMITS =
      new EngineCalls.Limits(Duration.ofSeconds(20), Duration.ofSeconds(60));
  private static final String ASK_LOG = "see the engine's log";

  private final Path socket;
  private final DockerClient client;
  private final EngineCalls calls;
  private final boolean podman;

  private DockerEngine(Path socket, DockerClient client, EngineCalls calls, boolean podman) {
    this.socket = socket;
    this.client = client;
    this.calls = calls;
    this.podman = podman;
  }

  /**
   * Connects to an engine.
   *
   * @throws EngineException.Unreachable where none answers on the socket
   */
  public static DockerEngine connect(Path socket) throws EngineException {
    return connect(socket, LIMITS);
  }

  /** The limits are for all questions but the first, which tells what the engine is. */
  static DockerEngine connect(Path socket, EngineCalls.Limits limits) throws EngineException {
    DefaultDockerClientConfig config =
        new DefaultDockerClientConfig.Builder()
            .withDockerHost("unix://" + socket)
            .withDockerTlsVerify(false)
            .build();
    DockerClient client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .maxConnections(MAX_CONNECTIONS)
                .connectionTimeout(CONNECT_LIMIT)
                .build());
    boolean podman =
        new EngineCalls(socket, LIMITS)
            .ask("ask version", "of the engine", ASK_LOG, () -> isPodman(client));
    return new DockerEngine(socket, client, new EngineCalls(socket, limits), podman);
  }

  private static boolean isPodman(DockerClient client) {
    return Optional.ofNullable(client.versionCmd().exec().getComponents()).stream()
        .flatMap(List::stream)
        .anyMatch(component -> "Podman Engine".equals(component.getName()));
  }

  @Override
  public EngineFacts facts() throws EngineException {
    Info info = calls.ask("ask facts", "of the engine", ASK_LOG, () -> client.infoCmd().exec());
    Set<String> options =
        Optional.ofNullable(info.getSecurityOptions()).orElse(List.of()).stream()
            .map(option -> option.replaceFirst("^name=", "").replaceFirst(",.*", ""))
            .collect(Collectors.toUnmodifiableSet());
    Integer processors = info.getNCPU();
    if (processors == null || processors < 1) {
      throw new EngineException(
          "ask facts", "of the engine", "it tells no number of processors", ASK_LOG, null);
    }
    return new EngineFacts(
        podman ? "Podman" : "Docker",
        Objects.toString(info.getServerVersion(), "unknown"),
        Objects.toString(info.getDriver(), "unknown"),
        Objects.toString(info.getCGroupDriver(), "unknown"),
        options,
        processors,
        options.contains("userns") || options.contains("rootless"));
  }

  @Override
  public ImageFacts image(String reference) throws EngineException {
    InspectImageResponse image =
        calls.ask(
            "look up image",
            reference,
            "the engine does not hold it: pull or load it, or name another image",
            () -> client.inspectImageCmd(reference).exec());
    ContainerConfig config = Objects.requireNonNullElseGet(image.getConfig(), ContainerConfig::new);
    return new ImageFacts(
        withAlgorithm(Objects.requireNonNull(image.getId())),
        config.getEnv() == null ? List.of() : Arrays.asList(config.getEnv()),
        Objects.requireNonNullElse(config.getUser(), ""),
        config.getVolumes() == null ? Set.of() : config.getVolumes().keySet(),
        new ImageFacts.Start(
            config.getEntrypoint() == null ? List.of() : Arrays.asList(config.getEntrypoint()),
            config.getCmd() == null ? List.of() : Arrays.asList(config.getCmd()),
            config.getExposedPorts() == null
                ? List.of()
                : Arrays.stream(config.getExposedPorts())
                    .filter(port -> port.getProtocol() == InternetProtocol.TCP)
                    .map(ExposedPort::getPort)
                    .sorted()
                    .toList()));
  }

  /** Podman leaves the algorithm out of an image's id. */
  private static String withAlgorithm(String id) {
    return id.startsWith("sha256:") ? id : "sha256:" + id;
  }

  @Override
  public void pull(String reference, Optional<RegistryLogin> login, Duration limit)
      throws EngineException {
    PullImageCmd request = client.pullImageCmd(reference);
    login.ifPresent(its -> request.withAuthConfig(auth(its)));
    ImagePull.run(calls, request, reference, limit);
  }

  private static AuthConfig auth(RegistryLogin login) {
    return new AuthConfig()
        .withRegistryAddress(login.host())
        .withUsername(login.user())
        .withPassword(login.password());
  }

  @Override
  public ContainerId create(ContainerSpec spec) throws EngineException {
    CreateContainerCmd request = ContainerRequest.of(client, spec, podman);
    CreateContainerResponse created =
        calls.change(
            "create container", spec.name(), "see the engine's words before this", request::exec);
    return new ContainerId(created.getId());
  }

  @Override
  public ContainerFacts inspect(ContainerId id) throws EngineException {
    InspectContainerResponse answer =
        calls.ask(
            "inspect container",
            id.toString(),
            "it was removed by somebody else",
            () -> client.inspectContainerCmd(id.value()).exec());
    InspectContainerResponse.ContainerState state = answer.getState();
    boolean running = Boolean.TRUE.equals(state.getRunning());
    Long pid = state.getPidLong();
    return new ContainerFacts(
        running,
        running && pid != null && pid > 0 ? Optional.of(pid) : Optional.empty(),
        upperDirectory(answer),
        volumes(answer));
  }

  /** Read from the answer as it came: docker-java has no field for it. */
  private static Optional<Path> upperDirectory(InspectContainerResponse answer) {
    return answer.getRawValues().get("GraphDriver") instanceof Map<?, ?> driver
            && driver.get("Data") instanceof Map<?, ?> data
            && data.get("UpperDir") instanceof String upper
            && !upper.isEmpty()
        ? Optional.of(Path.of(upper))
        : Optional.empty();
  }

  private static List<ContainerFacts.Volume> volumes(InspectContainerResponse answer) {
    return Optional.ofNullable(answer.getMounts()).orElse(List.of()).stream()
        .filter(mount -> mount.getName() != null && !mount.getName().isEmpty())
        .map(
            mount ->
                new ContainerFacts.Volume(
                    mount.getName(),
                    Objects.requireNonNull(mount.getDestination()).getPath(),
                    Path.of(Objects.requireNonNull(mount.getSource()))))
        .toList();
  }

  @Override
  public Attachment attach(ContainerId id, Attachment.Receiver receiver) throws EngineException {
    try {
      return DockerAttachment.open(client, id, receiver);
    } catch (EngineException e) {
      if (podman) {
        start(id); // Attaching prepares the container there, and only starting tells what failed.
      }
      throw e;
    }
  }

  @Override
  public void start(ContainerId id) throws EngineException {
    calls.change(
        "start container",
        id.toString(),
        "see the engine's words before this",
        () -> client.startContainerCmd(id.value()).exec());
  }

  @Override
  public byte[] download(ContainerId id, String path, int most) throws EngineException {
    return calls.ask(
        "copy out of",
        id + ":" + path,
        "there is no such path in the container",
        () -> {
          try (InputStream tar = client.copyArchiveFromContainerCmd(id.value(), path).exec()) {
            return tar.readNBytes(most);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Engines refuse in ways of their own to kill what does not run, so that is asked afterwards. */
  @Override
  public void kill(ContainerId id) throws EngineException {
    try {
      calls.ask(
          "kill container",
          id.toString(),
          ASK_LOG,
          () -> client.killContainerCmd(id.value()).exec());
    } catch (EngineException e) {
      if (runs(id)) {
        throw e;
      }
    }
  }

  private boolean runs(ContainerId id) throws EngineException {
    try {
      return inspect(id).running();
    } catch (EngineException.Missing e) {
      return false;
    }
  }

  private boolean exists(ContainerId id) throws EngineException {
    try {
      inspect(id);
      return true;
    } catch (EngineException.Missing e) {
      return false;
    }
  }

  @Override
  public boolean awaitExit(ContainerId id, Duration limit) throws EngineException {
    try {
      return calls.unbounded(
          "await end of container",
          id.toString(),
          ASK_LOG,
          () -> {
            try (ResultCallback.Adapter<WaitResponse> end =
                client.waitContainerCmd(id.value()).exec(new ResultCallback.Adapter<>())) {
              return end.awaitCompletion(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              return false;
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
    } catch (EngineException.Missing e) {
      return true;
    }
  }

  @Override
  public void remove(ContainerId id) throws EngineException {
    try {
      calls.change(
          "remove container",
          id.toString(),
          ASK_LOG,
          () ->
              client.removeContainerCmd(id.value()).withForce(true).withRemoveVolumes(true).exec());
    } catch (EngineException.Missing e) {
      if (exists(id)) {
        throw e;
      }
    }
  }

  @Override
  public List<Labelled> containers(String label) throws EngineException {
    return calls.ask(
        "list containers",
        "labelled " + label,
        ASK_LOG,
        () ->
            client
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(label))
                .exec()
                .stream()
                .map(
                    c ->
                        new Labelled(
                            c.getId(), Objects.requireNonNullElse(c.getLabels(), Map.of())))
                .toList());
  }

  @Override
  public List<Labelled> volumes(String label) throws EngineException {
    return calls.ask(
        "list volumes",
        "labelled " + label,
        ASK_LOG,
        () ->
            Optional.ofNullable(
                    client.listVolumesCmd().withFilter("label", List.of(label)).exec().getVolumes())
                .orElse(List.of())
                .stream()
                .map(
                    v ->
                        new Labelled(
                            v.getName(), Objects.requireNonNullElse(v.getLabels(), Map.of())))
                .toList());
  }

  @Override
  public void removeVolume(String name) throws EngineException {
    try {
      calls.change("remove volume", name, ASK_LOG, () -> client.removeVolumeCmd(name).exec());
    } catch (EngineException.Missing e) {
      return; // Gone already, which is what was asked for.
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new IllegalStateException("close connections to " + socket, e);
    }
  }
}
