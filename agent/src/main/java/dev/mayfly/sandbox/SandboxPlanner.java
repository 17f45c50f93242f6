package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerSpec;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Job;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.Quote;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Decides, without touching anything, what a sandbox is made of or why a job gets none. */
public final class SandboxPlanner {
  /** Where the sandbox sees Mayfly's own tools. */
  public static final String TOOLS = "/.mayfly";

  /** The group above every sandbox's own, in each cgroup hierarchy. */
  public static final String CGROUP_ROOT = "/mayfly";

  private static final Pattern LOADER_VARIABLE =
      Pattern.compile("GLIBC_TUNABLES|LD_[A-Z_]+|MALLOC_[A-Z_]+");
  private static final Set<String> INIT_CAPABILITIES = Set.of("SETUID", "SETGID", "KILL");
  private static final Set<String> ROOT_CAPABILITIES =
      Set.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "FOWNER",
          "FSETID",
          "SETUID",
          "SETGID",
          "KILL",
          "NET_BIND_SERVICE");

  private final EngineFacts engine;
  private final boolean userNamespaceRequired;
  private final SeccompProfiles profiles;
  private final Path tools;
  private final Path sandboxes;
  private final InetAddress resolver;

  /**
   * @param userNamespaceRequired whether an engine without one is refused
   * @param tools directory of the host with {@code mayfly-init}
   * @param sandboxes directory of the host below which each sandbox has its own
   * @param resolver whom sandboxes ask for names that are on the network
   */
  public SandboxPlanner(
      EngineFacts engine,
      boolean userNamespaceRequired,
      SeccompProfiles profiles,
      Path tools,
      Path sandboxes,
      InetAddress resolver) {
    this.engine = engine;
    this.userNamespaceRequired = userNamespaceRequired;
    this.profiles = profiles;
    this.tools = tools;
    this.sandboxes = sandboxes;
    this.resolver = resolver;
  }

  /** What was decided. */
  public sealed interface Decision {
    record Accepted(SandboxPlan plan) implements Decision {}

    /**
     * The job gets no sandbox.
     *
     * @param reason one line with cause and remedy
     */
    record Refused(String reason) implements Decision {}
  }

  /**
   * What a sandbox has beside what every one has.
   *
   * @param tools directory of the host that it sees at {@link #TOOLS}, {@code mayfly-init} in it;
   *     empty: Mayfly's own
   * @param aliases further names of its loopback
   * @param joined whose network it is in
   * @param spare how long it may wait for its job: its PID 1 lets it live so much longer
   */
  public record Surroundings(
      Optional<Path> tools,
      List<String> aliases,
      Optional<SandboxPlan.Joined> joined,
      Duration spare) {
    public static final Surroundings NONE =
        new Surroundings(Optional.empty(), List.of(), Optional.empty(), Duration.ZERO);
  }

  public Decision plan(SandboxId id, Job job, Policy policy, ImageFacts image) {
    return plan(id, job, policy, image, Surroundings.NONE);
  }

  /** The same with more than every sandbox has. */
  public Decision plan(
      SandboxId id, Job job, Policy policy, ImageFacts image, Surroundings surroundings) {
    Optional<String> objection = objection().or(() -> objectionTo(image));
    if (objection.isPresent()) {
      return new Decision.Refused(objection.get());
    }
    boolean service = surroundings.joined().isPresent() && engine.userNamespace();
    Identity identity =
        service
            ? Identity.IMAGE
            : policy.identity().orElse(engine.userNamespace() ? Identity.IMAGE : Identity.USER);
    Path home = sandboxes.resolve(id.value());
    return new Decision.Accepted(
        new SandboxPlan(
            id,
            policy,
            identity,
            image,
            engine.userNamespace(),
            container(id, job, policy, identity, image, home, surroundings),
            home,
            policy.egress().mode() == EgressMode.NONE ? Optional.empty() : Optional.of(resolver),
            surroundings.aliases(),
            surroundings.joined()));
  }

  private Optional<String> objection() {
    return EngineObjection.to(engine, userNamespaceRequired).stream()
        .findFirst()
        .map(objection -> objection.reason() + "; " + objection.remedy());
  }

  /** Whoever owns {@link #TOOLS} is the sandbox's PID 1, so no image may bring them. */
  private static Optional<String> objectionTo(ImageFacts image) {
    Path tools = Path.of(TOOLS);
    return image.volumes().stream()
        .sorted()
        .filter(volume -> tools.startsWith(normal(volume)) || normal(volume).startsWith(tools))
        .findFirst()
        .map(
            volume ->
                "the image declares the volume "
                    + Quote.of(volume)
                    + ", which would cover "
                    + TOOLS
                    + "; use an image without it");
  }

  /** A volume's directory without the detours that engines take out of it, too. */
  private static Path normal(String volume) {
    return Path.of("/", volume.replace('\0', '?')).normalize();
  }

  private ContainerSpec container(
      SandboxId id,
      Job job,
      Policy policy,
      Identity identity,
      ImageFacts image,
      Path home,
      Surroundings surroundings) {
    return new ContainerSpec(
        "mayfly-" + id,
        Map.of(SandboxId.LABEL, id.value(), "dev.mayfly.job", job.id().value()),
        image.id(),
        List.of(
            TOOLS + "/mayfly-init",
            "--lifetime",
            Long.toString(policy.limits().lifetime().plus(surroundings.spare()).toSeconds()),
            "--open-files",
            Integer.toString(policy.limits().openFiles())),
        withoutLoaderVariables(image),
        startsAsRoot(identity, image) ? ROOT_CAPABILITIES : INIT_CAPABILITIES,
        profiles.with(policy.seccompKnobs()),
        new ContainerSpec.Limits(
            policy.limits().cpus().min(BigDecimal.valueOf(engine.processors())),
            policy.limits().memory().bytes(),
            policy.limits().pids(),
            policy.limits().openFiles()),
        engine.cgroupDriver().equals("cgroupfs")
            ? Optional.of(CGROUP_ROOT + "/" + id)
            : Optional.empty(),
        policy.readOnlyRoot(),
        volumes(policy, identity, image),
        tmpfs(policy),
        SandboxDisk.identityFiles(home, engine.isPodman()),
        Map.of(surroundings.tools().orElse(tools), TOOLS),
        surroundings.joined().map(SandboxPlan.Joined::container));
  }

  /**
   * What an image sets for the C library of its programs must not reach Mayfly's own. Its commands
   * get it all the same: PID 1 hands its environment to none of them.
   */
  private static List<String> withoutLoaderVariables(ImageFacts image) {
    return image.environment().stream()
        .map(variable -> variable.replaceFirst("(?s)=.*", ""))
        .filter(name -> LOADER_VARIABLE.matcher(name).matches())
        .distinct()
        .map(name -> name + "=")
        .toList();
  }

  /**
   * An image that names its user by another name than root's gets no root's capabilities, even
   * where that name has uid 0.
   */
  private static boolean startsAsRoot(Identity identity, ImageFacts image) {
    return switch (identity) {
      case ROOT -> true;
      case USER -> false;
      case IMAGE -> {
        String user = image.user().replaceFirst(":.*", "");
        yield user.isEmpty() || user.equals("0") || user.equals("root");
      }
    };
  }

  private static Set<String> volumes(Policy policy, Identity identity, ImageFacts image) {
    Set<String> volumes = new HashSet<>();
    image.volumes().forEach(volume -> volumes.add(normal(volume).toString()));
    volumes.removeAll(tmpfs(policy).keySet());
    volumes.add(SandboxPlan.WORKSPACE);
    if (policy.readOnlyRoot()) {
      home(identity, image).ifPresent(volumes::add);
    }
    return volumes;
  }

  /** The home of the user, where it is known before the image's own files are read. */
  private static Optional<String> home(Identity identity, ImageFacts image) {
    if (identity == Identity.USER) {
      return Optional.of(JobUser.HOME);
    }
    return startsAsRoot(identity, image) ? Optional.of("/root") : Optional.empty();
  }

  private static Map<String, String> tmpfs(Policy policy) {
    Map<String, String> mounts = new HashMap<>();
    long quarter = policy.limits().memory().bytes() / 4;
    mounts.put("/tmp", "rw,exec,nosuid,nodev,mode=1777,size=" + quarter);
    if (policy.readOnlyRoot()) {
      mounts.put("/run", "rw,noexec,nosuid,nodev,mode=755,size=" + quarter / 4);
    }
    return mounts;
  }
}
