package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Capability;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.sandbox.SeccompProfiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every system call that the profile refuses is tried, in sandboxes and in controls without it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SeccompIT {
  /** Every capability that a probe names. */
  private static final List<Capability> FOR_PROBES =
      List.of(
          Capability.SYS_ADMIN,
          Capability.DAC_READ_SEARCH,
          Capability.SYS_MODULE,
          Capability.SYS_BOOT,
          Capability.SYS_PACCT,
          Capability.SYSLOG,
          Capability.SYS_TTY_CONFIG);

  /** Calls that no kernel lacks, of those whose refusal looks as if the kernel lacked them. */
  private static final Set<String> IN_EVERY_KERNEL = Set.of("vmsplice", "remap_file_pages");

  private final Path directory;
  private final Path probe;
  private final Mayfly mayfly;
  private final SeccompProfiles profiles;
  private final Map<Identity, List<SyscallProbe>> inSandbox = new EnumMap<>(Identity.class);

  SeccompIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.probe = SyscallProbe.compileInto(directory.resolve("probe"));
    this.mayfly = Mayfly.onPrivateEngine(directory, "policies:\n" + policies());
    this.profiles = SeccompProfiles.load(Site.home().resolve("seccomp"));
  }

  private static String policies() {
    StringBuilder policies = new StringBuilder();
    for (Identity identity : Identity.values()) {
      policies.append("- {name: %1$s, identity: %1$s}\n".formatted(identity.word()));
    }
    for (SeccompKnob knob : SeccompKnob.values()) {
      policies.append(
          "- {name: %1$s, identity: user, seccomp: {%1$s: true}}\n".formatted(knob.word()));
    }
    return policies.toString();
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
    assertThat(ControlContainer.leftovers()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"ROOT", "USER"})
  void refusesEveryProbe(Identity identity) {
    assertThat(refusedTo(identity)).hasSizeGreaterThan(200).allMatch(SyscallProbe::refused);
  }

  @ParameterizedTest
  @EnumSource(names = {"ROOT", "USER"})
  void getsEveryProbeThroughWhereThereIsNoFilter(Identity identity) {
    List<SyscallProbe> control =
        SyscallProbe.table(
            ControlContainer.of(identity, "no-new-privileges", "seccomp=unconfined")
                .run(probe, "./syscalls"));

    assertThat(names(control)).isEqualTo(names(refusedTo(identity)));
    assertThat(control)
        .filteredOn(line -> !line.needsCapability())
        .allMatch(line -> !line.refused() || line.mayBeAbsent())
        .filteredOn(line -> IN_EVERY_KERNEL.contains(line.call()))
        .isNotEmpty()
        .noneMatch(SyscallProbe::refused);
  }

  @Test
  void getsTheOtherProbesThroughWhereThereIsNoFilterAndTheCapability() {
    List<SyscallProbe> control = withCapabilities("unconfined");

    assertThat(control)
        .filteredOn(SyscallProbe::needsCapability)
        .hasSizeGreaterThan(20)
        .noneMatch(SyscallProbe::refused);
  }

  @Test
  void refusesTheOtherProbesByItselfWhereThereIsTheCapability() {
    assertThat(withCapabilities(profiles.with(Set.of()))).allMatch(SyscallProbe::refused);
  }

  @ParameterizedTest
  @EnumSource(names = {"ROOT", "USER"})
  void letsThroughWhatBuildsNeed(Identity identity) {
    List<SyscallProbe> needed = inSandbox(identity.word(), "./syscalls", "--allowed");

    assertThat(needed).hasSizeGreaterThan(30).allMatch(line -> line.result().equals("OK"));
  }

  @ParameterizedTest
  @EnumSource
  void givesBackWhatAKnobNamesAndNothingElse(SeccompKnob knob) throws IOException {
    Set<String> given = given(knob);

    List<SyscallProbe> table = inSandbox(knob.word(), "./syscalls");

    assertThat(names(table)).isEqualTo(names(refusedTo(Identity.USER)));
    assertThat(names(table, line -> !line.refused()))
        .isEqualTo(names(table, line -> given.contains(line.call()) && !line.needsCapability()));
  }

  @ParameterizedTest
  @EnumSource
  void givesBackWhatAKnobNamesToAHolderOfCapabilities(SeccompKnob knob) throws IOException {
    Set<String> given = given(knob);

    List<SyscallProbe> table = withCapabilities(profiles.with(Set.of(knob)));

    assertThat(names(table, line -> !line.refused()))
        .isNotEmpty()
        .isEqualTo(names(table, line -> given.contains(line.call())));
  }

  @Test
  void explainsAndTriesEveryCallThatTheProfileRefuses() throws IOException {
    RefusedCalls explained = refusedCalls();

    assertThat(SyscallProbe.calls()).isEqualTo(new TreeSet<>(explained.errnos().keySet()));
    assertThat(SeccompRules.refusedOrConditional(Site.home().resolve("seccomp/default.json")))
        .isEqualTo(new TreeSet<>(explained.errnos().keySet()));
    assertThat(refusedTo(Identity.USER))
        .filteredOn(line -> !line.name().startsWith("x32:"))
        .allSatisfy(
            line -> assertThat(explained.errnos()).containsEntry(line.call(), line.wanted()));
  }

  /** It gives up where the kernel refuses it the audit in any other way than by not having one. */
  @Test
  void letsPackagesMakeUsers() {
    Mayfly.Result result =
        mayfly.execWith(
            List.of("--policy", "root"), "sh", "-c", "useradd canary && getent passwd canary");

    assertThat(result.stdout()).as(result.stderr()).startsWith("canary:");
  }

  private List<SyscallProbe> refusedTo(Identity identity) {
    return inSandbox.computeIfAbsent(identity, _ -> inSandbox(identity.word(), "./syscalls"));
  }

  private List<SyscallProbe> inSandbox(String policy, String... command) {
    Mayfly.Result result =
        mayfly.execWith(List.of("--policy", policy, "--workspace", probe.toString()), command);
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return SyscallProbe.table(result.stdout());
  }

  private List<SyscallProbe> withCapabilities(String profile) {
    return SyscallProbe.table(
        ControlContainer.ofHostRoot(FOR_PROBES, "no-new-privileges", "seccomp=" + profile)
            .run(probe, "./syscalls"));
  }

  private static RefusedCalls refusedCalls() throws IOException {
    return RefusedCalls.read(Site.home().resolve("seccomp/README.md"));
  }

  private static Set<String> given(SeccompKnob knob) throws IOException {
    return refusedCalls().knobs().getOrDefault(knob.word(), Set.of());
  }

  private static Set<String> names(List<SyscallProbe> table) {
    return names(table, line -> true);
  }

  private static Set<String> names(List<SyscallProbe> table, Predicate<SyscallProbe> which) {
    return table.stream()
        .filter(which)
        .map(SyscallProbe::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
