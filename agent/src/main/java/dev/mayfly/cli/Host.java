package dev.mayfly.cli;

import dev.mayfly.config.EngineConfig;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.detect.DetectionRules;
import dev.mayfly.egress.Egress;
import dev.mayfly.egress.EgressGroups;
import dev.mayfly.egress.NetworkPlan;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.event.WatchedName;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.sandbox.ConfinementGuard;
import dev.mayfly.sandbox.DiskGuard;
import dev.mayfly.sandbox.Guard;
import dev.mayfly.sandbox.SandboxDestroyer;
import dev.mayfly.sandbox.SandboxLauncher;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.SeccompProfiles;
import dev.mayfly.supervisor.PrivateImages;
import dev.mayfly.supervisor.Reaper;
import dev.mayfly.supervisor.SandboxMonitor;
import dev.mayfly.supervisor.SandboxNetwork;
import dev.mayfly.supervisor.Scope;
import dev.mayfly.supervisor.Supervisor;
import dev.mayfly.supervisor.SupervisorClaim;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Puts a supervisor together. Every service of Mayfly is made here. */
public final class Host implements AutoCloseable {
  private static final Path PRIVATE_SOCKET = Path.of("/run/mayfly/engine.sock");
  private static final Path DOCKER_SOCKET = Path.of("/var/run/docker.sock");
  private static final Path PODMAN_SOCKET = Path.of("/run/podman/podman.sock");

  private final Engine engine;
  private final SupervisorClaim claim;
  private final Egress egress;
  private final SandboxMonitor monitor;
  private final Reaper reaper;
  private final Supervisor supervisor;

  private Host(
      Engine engine,
      SupervisorClaim claim,
      Egress egress,
      SandboxMonitor monitor,
      Reaper reaper,
      Supervisor supervisor) {
    this.engine = engine;
    this.claim = claim;
    this.egress = egress;
    this.monitor = monitor;
    this.reaper = reaper;
    this.supervisor = supervisor;
  }

  /**
   * Puts a supervisor together.
   *
   * @param home Mayfly's own directory, with {@code libexec} and {@code seccomp}
   * @param further guards beside the ones every sandbox has
   */
  public static Host open(MayflyConfig config, Path home, List<Guard> further)
      throws EngineException, IOException {
    return open(config, home, further, Jobs.MANY);
  }

  /** How many jobs a supervisor will have. */
  enum Jobs {
    /** It only clears up behind others. */
    NONE,
    /** It may be small. */
    ONE,
    MANY
  }

  static Host open(MayflyConfig config, Path home, List<Guard> further, Jobs jobs)
      throws EngineException, IOException {
    HostMonitor.Reading detections =
        jobs == Jobs.NONE ? () -> DetectionRules.NONE : HostMonitor.readingRules(config);
    Path sandboxes = sandboxes(config.stateDir());
    SeccompProfiles profiles = SeccompProfiles.load(home.resolve("seccomp"));
    Path tools = home.resolve("libexec");
    if (!Files.isExecutable(tools.resolve("mayfly-init"))) {
      throw new IOException(
          tools.resolve("mayfly-init") + " is missing; install or build Mayfly again");
    }
    Cgroups cgroups = Cgroups.detect();
    Path socket = socket(config.engine());
    Engine engine = DockerEngine.connect(socket);
    try {
      Scope scope = new Scope(socket.toRealPath(), sandboxes);
      SandboxDestroyer destroyer = new SandboxDestroyer(engine, cgroups, sandboxes);
      EgressGroups groups = HostGroups.read(config).groups();
      SandboxPlanner planner =
          new SandboxPlanner(
              engine.facts(),
              config.engine().type() == EngineConfig.Type.PRIVATE,
              profiles,
              tools,
              sandboxes,
              networkPlan(config).gateway4());
      DetectionRules rules = detections.finish();
      List<WatchedName> watched = rules.watched();
      SupervisorClaim claim = SupervisorClaim.make(scope);
      Egress egress =
          new Egress(
              claim.id(),
              new Egress.Settings(networkPlan(config), config.network().dnsServers(), groups));
      SandboxNetwork network = new SandboxNetwork(egress);
      SandboxMonitor monitor =
          new SandboxMonitor(
              cgroups, HostMonitor.opening(config, claim.id(), watched, jobs), rules, watched);
      List<Guard> guards =
          Stream.concat(
                  Stream.of(new ConfinementGuard(cgroups), new DiskGuard(), network, monitor),
                  further.stream())
              .toList();
      return new Host(
          engine,
          claim,
          egress,
          monitor,
          new Reaper(engine, cgroups, scope, destroyer, egress),
          new Supervisor(
              claim,
              engine,
              cgroups,
              planner,
              new SandboxLauncher(engine, destroyer, guards),
              network,
              monitor,
              PrivateImages.in(config.stateDir().resolve("private-images"))));
    } catch (EngineException | IOException e) {
      engine.close();
      throw e;
    }
  }

  static NetworkPlan networkPlan(MayflyConfig config) {
    return new NetworkPlan(
        config.network().subnet(), NetworkPlan.DEFAULT.ipv6(), NetworkPlan.DEFAULT.state());
  }

  /** Makes sure that sandboxes can be made in the state-dir, before anything else is. */
  private static Path sandboxes(Path stateDir) throws IOException {
    try {
      if (!Files.exists(stateDir)) {
        Files.createDirectories(
            stateDir, // Runners pass to their programs in it.
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
      }
      Path sandboxes =
          Files.createDirectories(
              stateDir.resolve("sandboxes"),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.delete(Files.createTempFile(sandboxes, ".probe", ""));
      return sandboxes.toRealPath();
    } catch (IOException e) {
      String reason = e instanceof FileSystemException failure ? failure.getReason() : null;
      throw new IOException(
          "state-dir "
              + stateDir
              + " can't be used ("
              + Objects.requireNonNullElse(reason, e.toString())
              + "); name another directory in the configuration",
          e);
    }
  }

  /** Mayfly's own directory, as the launcher told it. */
  static Path home() throws IOException {
    String home = System.getProperty("mayfly.home");
    if (home == null) {
      throw new IOException(
          "the system property mayfly.home is not set; start Mayfly with its launcher, mayfly");
    }
    return Path.of(home);
  }

  /** The engine's socket: the configured one, else the one that this type of engine usually has. */
  public static Path socket(EngineConfig engine) {
    return engine
        .socket()
        .orElseGet(
            () ->
                switch (engine.type()) {
                  case PRIVATE -> PRIVATE_SOCKET;
                  case HOST ->
                      !Files.exists(DOCKER_SOCKET) && Files.exists(PODMAN_SOCKET)
                          ? PODMAN_SOCKET
                          : DOCKER_SOCKET;
                });
  }

  public Reaper reaper() {
    return reaper;
  }

  public Supervisor supervisor() {
    return supervisor;
  }

  /** What sandboxes reach, and how. */
  Egress egress() {
    return egress;
  }

  /**
   * Gives everything back.
   *
   * @throws IOException where something of the host's network could not be put back
   */
  @Override
  public void close() throws IOException {
    try (engine;
        claim;
        egress;
        monitor) {
      if (!supervisor.isClean()) {
        claim.leave();
      }
    }
  }
}
