package dev.mayfly.config;

import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.ImageScope;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.MonitorMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.yaml.EitherShape;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Shape;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Every key of {@code mayfly.yaml}: its name, what it means, how it is written, its default, and
 * the record that it ends in. A new record is a method here and a line where it is used.
 */
final class MayflyYaml {
  static final Shape.Section<MayflyConfig> FILE = new Shape.Section<>(MayflyYaml::file);

  /** What {@code sun_path} holds beside its final NUL, see unix(7). */
  private static final int LONGEST_SOCKET_PATH = 107;

  private static final String ABSOLUTE = "/.*[^/].*";
  static final Shape<Path> DIRECTORY =
      new Shape.Text<>("/var/lib/mayfly", ABSOLUTE, MayflyYaml::absolute, Path::toString);
  private static final Shape<Path> SOCKET =
      new Shape.Text<>("/var/run/docker.sock", ABSOLUTE, MayflyYaml::socket, Path::toString);
  private static final Shape<ImageReference> IMAGE =
      new Shape.Text<>(
          "mayfly-base", ImageReference.PATTERN, ImageReference::parse, ImageReference::toString);
  static final Shape<String> POLICY_NAME =
      new Shape.Text<>(
          Policy.DEFAULT_NAME, Policy.NAME_PATTERN, Policy::requireName, Function.identity());
  private static final Shape<List<Glob>> IMAGES =
      new ListShape.Values<>(
          "pattern",
          new Shape.Text<>("registry.example.org/**", Glob.PATTERN, Glob::new, Glob::text),
          Function.<Glob>identity()::apply);
  private static final Shape<Boolean> FLAG = new Shape.Flag();

  private MayflyYaml() {}

  private static MayflyConfig file(Keys keys) {
    Path stateDir =
        keys.get(
            "state-dir",
            "Where Mayfly keeps what it must remember while it runs. An absolute path.",
            DIRECTORY,
            MayflyConfig.DEFAULT.stateDir());
    EngineConfig engine =
        keys.get(
            "engine",
            "The container engine that runs the sandboxes. private is Mayfly's own hardened"
                + " instance; host is the host's Docker or Podman as it is, and \"mayfly check\""
                + " tells what is weaker then.",
            new EitherShape.WordOrSection<>(
                Shape.Choice.of(
                    List.of(EngineConfig.DEFAULT, EngineConfig.HOST), its -> its.type().word()),
                new Shape.Section<>(MayflyYaml::engine)),
            EngineConfig.DEFAULT);
    Path reportDir =
        keys.get(
            "report-dir",
            "Where the reports of jobs are written. An absolute path; \"reports\" in state-dir where"
                + " it is not given.",
            DIRECTORY,
            MayflyConfig.reportDirIn(stateDir));
    NetworkConfig network =
        keys.get(
            "network",
            "The network that sandboxes are on.",
            new Shape.Section<>(EgressYaml::network),
            NetworkConfig.DEFAULT);
    Map<String, List<EgressRule>> groups =
        keys.get(
            "egress-groups",
            "Groups of hosts for egress.allow, by their names with @. One that Mayfly has, too, is"
                + " replaced.",
            EgressYaml.GROUPS,
            Map.of());
    Optional<Path> detectionsDir =
        keys.find(
            "detections-dir",
            "Folder of detections beside Mayfly's own: every *.yaml in it is read. An absolute path.",
            DIRECTORY);
    List<Policy> policies =
        keys.get(
            "policies",
            "What jobs may do. Where none is named \"default\", one with every default is added.",
            new ListShape.Items<>("policy", "name", new Shape.Section<>(MayflyYaml::policy)),
            List.of());
    List<RunnerConfig> runners =
        keys.get(
            "runners",
            "The connections to CI servers that mayfly run takes jobs from.",
            RunnersYaml.RUNNERS,
            List.of());
    keys.checkReferences("group", EgressYaml.known(keys.namesIn("egress-groups")));
    return new MayflyConfig(
        engine, stateDir, reportDir, network, groups, detectionsDir, policies, runners);
  }

  private static EngineConfig engine(Keys keys) {
    return new EngineConfig(
        keys.get(
            "type",
            "Whose engine it is: Mayfly's own instance, or the host's.",
            Shape.Choice.of(List.of(EngineConfig.Type.values()), EngineConfig.Type::word),
            EngineConfig.DEFAULT.type()),
        keys.find(
            "socket",
            "The engine's Unix socket. An absolute path. Where it is not given: for private"
                + " /run/mayfly/engine.sock, for host /var/run/docker.sock if that is a socket, else"
                + " /run/podman/podman.sock.",
            SOCKET));
  }

  private static Policy policy(Keys keys) {
    return new Policy(
        keys.require(
            "name",
            "How jobs and commands refer to this policy. Lower-case letters, digits, '.', '_' and"
                + " '-'; at most 63.",
            POLICY_NAME,
            Policy.DEFAULT_NAME),
        keys.get(
            "image",
            "The image of the sandbox where a job names none: name, name:tag or name@sha256:…",
            IMAGE,
            Policy.DEFAULT.image()),
        keys.get(
            "require-digest",
            "Accept only images that are named by digest, such as name@sha256:…",
            FLAG,
            Policy.DEFAULT.requireDigest()),
        keys.get(
            "pull",
            "What to do about an image. missing: fetch it from the registry that its name tells if the"
                + " engine does not hold it. never: refuse the job then. always: ask the registry"
                + " each time.",
            Shape.Choice.of(List.of(PullPolicy.values()), PullPolicy::word),
            Policy.DEFAULT.pull()),
        keys.find(
            "identity",
            "Whom the job's commands run as. image: the user that the image names. user: uid 1001"
                + " without capabilities. root: uid 0 of the sandbox with the few capabilities that"
                + " builds need. Where it is not given: image if the engine has a user namespace in"
                + " force, else user.",
            Shape.Choice.of(List.of(Identity.values()), Identity::word)),
        keys.get(
            "read-only-root",
            "Make the root file system read-only; /workspace, /tmp, /run and the homes of root and of"
                + " identity: user stay writable.",
            FLAG,
            Policy.DEFAULT.readOnlyRoot()),
        keys.get(
            "seccomp",
            "Groups of system calls that the seccomp profile refuses and this policy gives back.",
            new Shape.Section<>(MayflyYaml::seccomp),
            Policy.DEFAULT.seccompKnobs()),
        keys.get(
            "limits",
            "What one sandbox may use.",
            new Shape.Section<>(MayflyYaml::limits),
            Limits.DEFAULT),
        keys.get(
            "egress",
            "What the sandbox may reach.",
            new Shape.Section<>(EgressYaml::egress),
            Policy.DEFAULT.egress()),
        keys.find(
            "monitor",
            "Whether the sandbox is watched. required: the job is refused where it can't be. best: as"
                + " well as the host can, and the report says what was missing. off: not at all."
                + " Where it is not given: required if the kernel lets BPF programs watch, else"
                + " best.",
            Shape.Choice.of(List.of(MonitorMode.values()), MonitorMode::word)),
        keys.get(
            "match",
            "Which jobs it is for; all that is said must hold. A job gets the first policy whose"
                + " match accepts it, else the policy \"default\"; one without match is used by name"
                + " only. In patterns, * is any characters but /, ** any characters, ? one but /.",
            new Shape.Section<>(EgressYaml::match),
            Policy.DEFAULT.match()),
        keys.get(
            "on-finding",
            "What findings cause, by what they are about. audit: they are recorded. block: what was"
                + " tried is refused, and the job is told. kill: the job is ended, too.",
            new Shape.Section<>(ReactionsYaml::reactions),
            Policy.DEFAULT.onFinding()),
        keys.get(
            "secrets",
            "Which of the secret variables that the CI server hands out its jobs get.",
            new Shape.Section<>(SecretsYaml::scope),
            Policy.DEFAULT.secrets()),
        keys.get(
            "id-tokens",
            "What the ID tokens (JWTs) among those variables must be like.",
            new Shape.Section<>(SecretsYaml::idTokens),
            Policy.DEFAULT.idTokens()),
        keys.get(
            "images",
            "Which images jobs may name in place of the policy's.",
            new Shape.Section<>(MayflyYaml::images),
            Policy.DEFAULT.images()));
  }

  private static ImageScope images(Keys keys) {
    return new ImageScope(
        keys.find(
            "allow",
            "Images that jobs may name, or patterns of them: NAME, NAME:TAG or NAME@sha256:… as jobs"
                + " write it. Where it is not given, every one. In patterns, * is any characters but"
                + " /, ** any characters.",
            IMAGES),
        keys.find(
            "services",
            "Images of services, in the same form. Where it is not given, every one; []: none.",
            IMAGES));
  }

  private static Set<SeccompKnob> seccomp(Keys keys) {
    Set<SeccompKnob> given = EnumSet.noneOf(SeccompKnob.class);
    for (SeccompKnob knob : SeccompKnob.values()) {
      boolean absent = Policy.DEFAULT.seccompKnobs().contains(knob);
      if (keys.get(knob.word(), description(knob), FLAG, absent)) {
        given.add(knob);
      }
    }
    return given;
  }

  private static String description(SeccompKnob knob) {
    return switch (knob) {
      case ALLOW_PTRACE -> "Let processes trace each other, for debuggers and strace.";
      case ALLOW_IO_URING -> "Let programs use io_uring.";
      case ALLOW_KEYCTL -> "Let programs use the kernel's key rings.";
      case ALLOW_PERF -> "Let programs open performance counters, for profilers.";
      case ALLOW_USERNS ->
          "Let programs make user namespaces, for nested sandboxes such as a browser's.";
      case ALLOW_USERFAULTFD -> "Let programs handle their own page faults.";
    };
  }

  private static Limits limits(Keys keys) {
    Limits absent = Limits.DEFAULT;
    ByteSize disk =
        keys.get(
            "disk",
            "Bytes of workspace, writable layer and the image's volumes together.",
            size("10GiB", Limits.DISK),
            absent.disk());
    return new Limits(
        keys.get(
            "cpus",
            "Processors, in hundredths at the finest.",
            new Shape.Numeric<>(Limits.CPUS, 2, Function.<BigDecimal>identity()),
            absent.cpus()),
        keys.get(
            "memory",
            "RAM; there is no swap beside it.",
            size("4GiB", Limits.MEMORY),
            absent.memory()),
        keys.get("pids", "Processes and threads.", Shape.Numeric.ofInt(Limits.PIDS), absent.pids()),
        disk,
        keys.get(
            "inodes",
            "Files and directories on that disk. Where it is not given: one for each 4KiB of disk,"
                + " but at most 1000000.",
            Shape.Numeric.ofLong(Limits.INODES),
            Limits.inodesFor(disk)),
        keys.get(
            "open-files",
            "Open descriptors of one process.",
            Shape.Numeric.ofInt(Limits.OPEN_FILES),
            absent.openFiles()),
        keys.get(
            "lifetime",
            "From the start of the sandbox; then everything in it is killed.",
            time("2h", Limits.LIFETIME),
            absent.lifetime()),
        keys.get(
            "services",
            "How many services a job may have. Each is a sandbox of its own, with the same limits.",
            Shape.Numeric.ofInt(Limits.SERVICES),
            absent.services()));
  }

  static Shape<ByteSize> size(String example, Range<ByteSize> range) {
    return new Shape.Bounded<>(
        new Shape.Text<>(example, ByteSize.PATTERN, ByteSize::parse, ByteSize::toString), range);
  }

  static Shape<Duration> time(String example, Range<Duration> range) {
    return new Shape.Bounded<>(
        new Shape.Text<>(example, Durations.PATTERN, Durations::parse, Durations::show), range);
  }

  private static Path absolute(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not an absolute path: begin it with /");
    }
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(Quote.of(text) + " holds a NUL, which no path can");
    }
    Path path = Path.of(text).normalize();
    if (path.getNameCount() == 0) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is the root of the file system: name a place of Mayfly's own below it");
    }
    return path;
  }

  private static Path socket(String text) {
    Path path = absolute(text);
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST_SOCKET_PATH) {
      throw new IllegalArgumentException(
          "%s has %d bytes, but a socket's path has at most %d: use a shorter one"
              .formatted(Quote.of(text), bytes, LONGEST_SOCKET_PATH));
    }
    return path;
  }
}
