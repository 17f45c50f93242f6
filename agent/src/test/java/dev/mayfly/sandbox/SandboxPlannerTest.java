package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.ContainerSpec;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PolicyMatch;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.Reactions;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.sandbox.SandboxPlanner.Decision;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxPlannerTest {
  private static final SandboxId ID = new SandboxId("abcdefgh-7");
  private static final Job JOB = Job.local(new JobId("exec-42"));
  private static final Path TOOLS = Path.of("/opt/mayfly/libexec");
  private static final Path SANDBOXES = Path.of("/var/lib/mayfly/sandboxes");

  /** What PID 1 needs to become the job's user, to end it, and nothing else. */
  private static final Set<String> INIT = Set.of("SETUID", "SETGID", "KILL");

  /** What DESIGN gives to a job that is root inside. */
  private static final Set<String> ROOT =
      Set.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "FOWNER",
          "FSETID",
          "SETUID",
          "SETGID",
          "KILL",
          "NET_BIND_SERVICE");

  private final SeccompProfiles profiles;

  SandboxPlannerTest() throws IOException {
    this.profiles = SeccompProfiles.load(Path.of("..", "seccomp"));
  }

  private static EngineFacts engine(boolean userNamespace) {
    return engine("overlay2", "cgroupfs", Set.of("seccomp", "userns"), userNamespace);
  }

  private static EngineFacts engine(
      String storage, String cgroups, Set<String> security, boolean userNamespace) {
    return new EngineFacts("Docker", "20.10", storage, cgroups, security, 4, userNamespace);
  }

  private static ImageFacts image(String user, String... volumes) {
    return new ImageFacts("sha256:" + "a".repeat(64), List.of("A=b"), user, Set.of(volumes));
  }

  private static Policy policy(Optional<Identity> identity, boolean readOnlyRoot) {
    return policy(identity, readOnlyRoot, Set.of(), Limits.DEFAULT);
  }

  private static Policy policy(
      Optional<Identity> identity, boolean readOnlyRoot, Set<SeccompKnob> knobs, Limits limits) {
    return new Policy(
        "p",
        Policy.DEFAULT_IMAGE,
        false,
        PullPolicy.NEVER,
        identity,
        readOnlyRoot,
        knobs,
        limits,
        EgressPolicy.DEFAULT,
        Optional.empty(),
        PolicyMatch.NONE,
        Reactions.DEFAULT);
  }

  private static final InetAddress RESOLVER = IpRange.parse("198.19.0.1").first();

  private Decision decide(EngineFacts engine, boolean required, Policy policy, ImageFacts image) {
    return new SandboxPlanner(engine, required, profiles, TOOLS, SANDBOXES, RESOLVER)
        .plan(ID, JOB, policy, image);
  }

  private SandboxPlan plan(EngineFacts engine, Policy policy, ImageFacts image) {
    Decision decision = decide(engine, false, policy, image);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    return ((Decision.Accepted) decision).plan();
  }

  private static String reason(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Refused.class);
    return ((Decision.Refused) decision).reason();
  }

  @Test
  void plansTheWholeContainer() {
    Limits limits =
        new Limits(
            new BigDecimal("1.5"),
            ByteSize.ofGiB(1),
            99,
            ByteSize.ofGiB(2),
            20_000,
            4096,
            Duration.ofMinutes(90),
            5);
    Set<SeccompKnob> knobs = Set.of(SeccompKnob.ALLOW_PTRACE);
    Policy policy = policy(Optional.of(Identity.USER), false, knobs, limits);

    SandboxPlan plan = plan(engine(true), policy, image("root", "/data"));

    Path home = Path.of("/var/lib/mayfly/sandboxes/abcdefgh-7");
    assertThat(plan)
        .isEqualTo(
            new SandboxPlan(
                ID,
                policy,
                Identity.USER,
                image("root", "/data"),
                true,
                new ContainerSpec(
                    "mayfly-abcdefgh-7",
                    Map.of("dev.mayfly.sandbox", "abcdefgh-7", "dev.mayfly.job", "exec-42"),
                    "sha256:" + "a".repeat(64),
                    List.of("/.mayfly/mayfly-init", "--lifetime", "5400", "--open-files", "4096"),
                    List.of(),
                    INIT,
                    profiles.with(knobs),
                    new ContainerSpec.Limits(new BigDecimal("1.5"), 1L << 30, 99, 4096),
                    Optional.of("/mayfly/abcdefgh-7"),
                    false,
                    Set.of("/data", "/workspace"),
                    Map.of("/tmp", "rw,exec,nosuid,nodev,mode=1777,size=" + (1L << 28)),
                    Map.of(
                        home.resolve("etc/hosts"), "/etc/hosts",
                        home.resolve("etc/hostname"), "/etc/hostname",
                        home.resolve("etc/resolv.conf"), "/etc/resolv.conf"),
                    Map.of(TOOLS, "/.mayfly"),
                    Optional.empty()),
                home,
                Optional.of(RESOLVER),
                List.of(),
                Optional.empty()));
  }

  /** One combination of what the identity, and with it the capabilities, depend on. */
  record Combination(
      Optional<Identity> asked,
      boolean userNamespace,
      boolean readOnlyRoot,
      String imageUser,
      Identity identity,
      Set<String> capabilities) {}

  static Stream<Combination> combinations() {
    Stream.Builder<Combination> all = Stream.builder();
    for (boolean userNamespace : new boolean[] {true, false}) {
      for (boolean readOnlyRoot : new boolean[] {true, false}) {
        for (String user :
            List.of(
                "",
                "root",
                "0",
                "root:root",
                "0:0",
                ":5",
                "1001",
                "app",
                "app:root",
                "1001:0",
                "00",
                "ROOT",
                "root ",
                "toor")) {
          boolean root = Set.of("", "root", "0", "root:root", "0:0", ":5").contains(user);
          Set<String> imageUsers = root ? ROOT : INIT;
          Identity standard = userNamespace ? Identity.IMAGE : Identity.USER;
          Set<String> standards = userNamespace ? imageUsers : INIT;
          all.add(
              new Combination(
                  Optional.empty(), userNamespace, readOnlyRoot, user, standard, standards));
          all.add(
              new Combination(
                  Optional.of(Identity.IMAGE),
                  userNamespace,
                  readOnlyRoot,
                  user,
                  Identity.IMAGE,
                  imageUsers));
          all.add(
              new Combination(
                  Optional.of(Identity.USER),
                  userNamespace,
                  readOnlyRoot,
                  user,
                  Identity.USER,
                  INIT));
          all.add(
              new Combination(
                  Optional.of(Identity.ROOT),
                  userNamespace,
                  readOnlyRoot,
                  user,
                  Identity.ROOT,
                  ROOT));
        }
      }
    }
    return all.build();
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void givesRootTheCapabilitiesThatBuildsNeedAndEverybodyElseNone(Combination c) {
    SandboxPlan plan =
        plan(engine(c.userNamespace()), policy(c.asked(), c.readOnlyRoot()), image(c.imageUser()));
    assertThat(plan.identity()).isEqualTo(c.identity());
    assertThat(plan.userNamespace()).isEqualTo(c.userNamespace());
    assertThat(plan.container().capabilities()).isEqualTo(c.capabilities());
    assertThat(plan.container().readOnlyRoot()).isEqualTo(c.readOnlyRoot());
    assertThat(plan.container().writableBinds())
        .isEqualTo(SandboxDisk.identityFiles(plan.home(), false));
    assertThat(plan.container().readOnlyBinds()).isEqualTo(Map.of(TOOLS, "/.mayfly"));
    assertThat(plan.container().tmpfs().keySet())
        .isEqualTo(c.readOnlyRoot() ? Set.of("/tmp", "/run") : Set.of("/tmp"));
    Set<String> volumes = new HashSet<>(Set.of("/workspace"));
    if (c.readOnlyRoot() && c.identity() == Identity.USER) {
      volumes.add("/home/job");
    } else if (c.readOnlyRoot() && c.capabilities().equals(ROOT)) {
      volumes.add("/root");
    }
    assertThat(plan.container().volumes()).isEqualTo(volumes);
  }

  @Test
  void givesTemporaryFilesAQuarterOfTheMemoryAndNoMore() {
    for (long memory : new long[] {16L << 20, (1L << 32) + 3, 64L << 40}) {
      Limits d = Limits.DEFAULT;
      Limits limits =
          new Limits(
              d.cpus(),
              new ByteSize(memory),
              d.pids(),
              d.disk(),
              d.inodes(),
              d.openFiles(),
              d.lifetime(),
              d.services());
      Policy policy = policy(Optional.empty(), true, Set.of(), limits);
      Map<String, String> tmpfs = plan(engine(true), policy, image("")).container().tmpfs();
      assertThat(tmpfs)
          .containsEntry("/tmp", "rw,exec,nosuid,nodev,mode=1777,size=" + memory / 4)
          .containsEntry("/run", "rw,noexec,nosuid,nodev,mode=755,size=" + memory / 16);
    }
  }

  @Test
  void makesTheImagesVolumesPartOfTheBoundedDiskUnlessTheyAreTemporaryFiles() {
    ImageFacts image =
        image(
            "",
            "/data",
            "/data/",
            "//var/./lib/x/",
            "/srv/../cache",
            "/tmp/",
            "/run",
            "/workspace/");
    assertThat(plan(engine(true), policy(Optional.empty(), false), image).container().volumes())
        .containsExactlyInAnyOrder("/data", "/var/lib/x", "/cache", "/run", "/workspace");
    assertThat(plan(engine(true), policy(Optional.empty(), true), image).container().volumes())
        .containsExactlyInAnyOrder("/data", "/var/lib/x", "/cache", "/workspace", "/root");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/.mayfly",
        "/.mayfly/",
        "/.mayfly/mayfly-init",
        "//.mayfly",
        "/x/../.mayfly",
        "/./.mayfly/x",
        ".mayfly",
        "/",
        "/..",
        ""
      })
  void refusesAnImageThatWouldBringItsOwnPid1(String volume) {
    assertThat(
            reason(
                decide(
                    engine(true), true, policy(Optional.empty(), false), image("", "/ok", volume))))
        .isEqualTo(
            "the image declares the volume \""
                + volume
                + "\", which would cover /.mayfly; use an image without it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/.mayflyx", "/x/.mayfly", "/mayfly", "/.may"})
  void takesVolumesThatOnlyLookLikeMayflysTools(String volume) {
    assertThat(plan(engine(true), policy(Optional.empty(), false), image("", volume)).container())
        .satisfies(container -> assertThat(container.volumes()).contains(volume));
  }

  @Test
  void makesNoCrashOfAVolumeThatNoPathCanName() {
    SandboxPlan plan = plan(engine(true), policy(Optional.empty(), false), image("", "/a\0b"));
    assertThat(plan.container().volumes()).containsExactlyInAnyOrder("/a?b", "/workspace");
  }

  @Test
  void refusesAnEngineThatAppliesNoSeccompProfile() {
    assertThat(
            reason(
                decide(
                    engine("overlay2", "cgroupfs", Set.of("userns"), true),
                    false,
                    Policy.DEFAULT,
                    image(""))))
        .startsWith("the engine applies no seccomp profile; ");
  }

  @Test
  void refusesAnEngineWithoutUserNamespaceWhereOneIsRequired() {
    assertThat(reason(decide(engine(false), true, Policy.DEFAULT, image(""))))
        .startsWith("the engine has no user namespace in force; start it with --userns-remap");
    assertThat(decide(engine(false), false, Policy.DEFAULT, image("")))
        .isInstanceOf(Decision.Accepted.class);
    assertThat(decide(engine(true), true, Policy.DEFAULT, image("")))
        .isInstanceOf(Decision.Accepted.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vfs", "btrfs", "devicemapper", "fuse-overlayfs", "overlay3", ""})
  void refusesAStorageDriverWhoseDiskUseItCannotBound(String driver) {
    assertThat(
            reason(
                decide(
                    engine(driver, "cgroupfs", Set.of("seccomp"), true),
                    false,
                    Policy.DEFAULT,
                    image(""))))
        .isEqualTo(
            "the disk of a sandbox can't be bounded with the engine's storage driver "
                + driver
                + "; start the engine with --storage-driver overlay2");
  }

  @Test
  void takesPodmansNameOfTheSameDriver() {
    assertThat(
            decide(
                engine("overlay", "cgroupfs", Set.of("seccomp"), true),
                true,
                Policy.DEFAULT,
                image("")))
        .isInstanceOf(Decision.Accepted.class);
  }

  @Test
  void namesAGroupOfItsOwnOnlyWhereTheEngineMakesGroupsByPath() {
    EngineFacts systemd = engine("overlay2", "systemd", Set.of("seccomp"), true);
    assertThat(plan(systemd, Policy.DEFAULT, image("")).container().cgroupParent()).isEmpty();
  }

  @Test
  void keepsWhatAnImageSetsForItsLoaderFromPid1() {
    List<String> environment =
        List.of("PATH=/bin", "LD_PRELOAD=/evil.so", "GLIBC_TUNABLES=a=b\nc", "MALLOC_PERTURB_=1");
    ImageFacts image = new ImageFacts("sha256:" + "a".repeat(64), environment, "", Set.of());

    SandboxPlan plan = plan(engine(true), Policy.DEFAULT, image);

    assertThat(plan.container().environment())
        .containsExactly("LD_PRELOAD=", "GLIBC_TUNABLES=", "MALLOC_PERTURB_=");
    assertThat(plan.image().environment()).isEqualTo(environment);
  }

  @ParameterizedTest
  @CsvSource({"1.5, 1.5", "4, 4", "4.5, 4", "4096, 4"})
  void givesNoMoreProcessorsThanThereAre(BigDecimal asked, BigDecimal given) {
    Limits limits =
        new Limits(
            asked,
            ByteSize.ofGiB(1),
            99,
            ByteSize.ofGiB(2),
            20_000,
            4096,
            Duration.ofMinutes(90),
            5);

    SandboxPlan plan =
        plan(engine(true), policy(Optional.empty(), false, Set.of(), limits), image(""));

    assertThat(plan.container().limits().cpus()).isEqualByComparingTo(given);
  }
}
