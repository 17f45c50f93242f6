package dev.mayfly.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Outcome;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressPolicy.RefusedNames;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.ImageScope;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.MonitorMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PolicyMatch;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.Reactions;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.policy.SecretScope;
import dev.mayfly.policy.SpecialRanges;
import dev.mayfly.supervisor.SampleResult;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportMakerTest {
  private static final ImageReference PINNED =
      ImageReference.parse("base@sha256:" + "0".repeat(64));
  private static final Policy POLICY = Policy.DEFAULT.withImage(PINNED);

  /** Another value for each component. */
  private static final Map<String, Object> OTHER_LIMITS =
      Map.of(
          "cpus",
          new BigDecimal("2.01"),
          "memory",
          new ByteSize(Limits.DEFAULT.memory().bytes() + 1),
          "pids",
          1025,
          "disk",
          new ByteSize(Limits.DEFAULT.disk().bytes() + 1),
          "inodes",
          999_999L,
          "openFiles",
          65_535,
          "lifetime",
          Duration.ofSeconds(7_201),
          "services",
          6);

  private static final Map<String, Object> OTHER_POLICY =
      Map.ofEntries(
          Map.entry("name", "defaults"),
          Map.entry("image", ImageReference.parse("base@sha256:" + "0".repeat(63) + "1")),
          Map.entry("requireDigest", true),
          Map.entry("pull", PullPolicy.NEVER),
          Map.entry("identity", Optional.of(Identity.USER)),
          Map.entry("readOnlyRoot", true),
          Map.entry("seccompKnobs", Set.of(SeccompKnob.ALLOW_PERF)),
          Map.entry(
              "limits",
              new Limits(
                  Limits.DEFAULT.cpus(),
                  Limits.DEFAULT.memory(),
                  8,
                  Limits.DEFAULT.disk(),
                  Limits.DEFAULT.inodes(),
                  Limits.DEFAULT.openFiles(),
                  Limits.DEFAULT.lifetime(),
                  Limits.DEFAULT.services())),
          Map.entry(
              "egress",
              new EgressPolicy(
                  EgressMode.AUDIT, List.of(), SpecialRanges.ALL, false, RefusedNames.NXDOMAIN)),
          Map.entry("monitor", Optional.of(MonitorMode.OFF)),
          Map.entry("match", matching(List.of(), List.of(new Glob("acme/*")), Optional.empty())),
          Map.entry(
              "onFinding",
              new Reactions(Map.of(Finding.Category.EGRESS, Finding.Reaction.KILL), Map.of())),
          Map.entry("secrets", new SecretScope(Optional.of(List.of()))),
          Map.entry(
              "idTokens", new IdTokenPolicy(Duration.ofMinutes(5), List.of(), Optional.empty())),
          Map.entry("images", new ImageScope(Optional.of(List.of()), Optional.empty())));

  private static final Map<String, Object> OTHER_EGRESS =
      Map.of(
          "mode",
          EgressMode.ALLOWLIST,
          "allow",
          List.of(EgressRule.parse("a.example")),
          "refusedRanges",
          List.of(IpRange.parse("10.0.0.0/8")),
          "gate",
          true,
          "refusedNames",
          RefusedNames.REFUSED);

  @Test
  void givesEveryValueOfAPolicyAPartInItsDigest() throws Exception {
    Set<String> digests = new LinkedHashSet<>();
    digests.add(ReportMaker.digest(POLICY));
    for (RecordComponent component : Policy.class.getRecordComponents()) {
      assertThat(digests.add(ReportMaker.digest(with(POLICY, component, OTHER_POLICY))))
          .as("another %s gives another digest", component.getName())
          .isTrue();
    }
    RecordComponent limits = component(Policy.class, "limits");
    for (RecordComponent component : Limits.class.getRecordComponents()) {
      Limits other = with(Limits.DEFAULT, component, OTHER_LIMITS);
      assertThat(digests.add(ReportMaker.digest(with(POLICY, limits, Map.of("limits", other)))))
          .as("another limits.%s gives another digest", component.getName())
          .isTrue();
    }
    for (RecordComponent component : EgressPolicy.class.getRecordComponents()) {
      EgressPolicy other = with(EgressPolicy.DEFAULT, component, OTHER_EGRESS);
      assertThat(digests.add(ReportMaker.digest(POLICY.withEgress(other))))
          .as("another egress.%s gives another digest", component.getName())
          .isTrue();
    }
    assertThat(digests).hasSize(29).allMatch(digest -> digest.matches("sha256:[0-9a-f]{64}"));
  }

  @Test
  void givesEverySetOfKnobsAndEveryIdentityADigestOfItsOwn() {
    Stream<Policy> knobs =
        Arrays.stream(SeccompKnob.values()).map(knob -> with(Set.of(knob), Optional.empty()));
    Stream<Policy> identities =
        Arrays.stream(Identity.values()).map(one -> with(Set.of(), Optional.of(one)));
    Policy all = with(EnumSet.allOf(SeccompKnob.class), Optional.empty());
    assertThat(
            Stream.of(knobs, identities, Stream.of(all, POLICY))
                .flatMap(policies -> policies)
                .map(ReportMaker::digest))
        .doesNotHaveDuplicates()
        .hasSize(SeccompKnob.values().length + Identity.values().length + 2);
  }

  @Test
  void givesEveryRuleAndConditionADigestOfItsOwn() {
    EgressRule rule = EgressRule.parse("a.example");
    EgressRule.Terms none = EgressRule.Terms.NONE;
    Stream<Policy> rules =
        Stream.of(
                List.of(rule),
                List.of(EgressRule.parse("a.example:443/udp")),
                List.of(EgressRule.parse("*.a.example")),
                List.of(EgressRule.parse("10.0.0.1:443")),
                List.of(EgressRule.parse("@github")),
                List.of(rule, EgressRule.parse("@github")),
                List.of(
                    rule.on(new EgressRule.Terms(Optional.of(ByteSize.ofMiB(1)), false, false))),
                List.of(rule.on(new EgressRule.Terms(none.maxUpload(), true, false))),
                List.of(rule.on(new EgressRule.Terms(none.maxUpload(), false, true))))
            .map(
                allow ->
                    POLICY.withEgress(
                        new EgressPolicy(
                            EgressMode.HTTPS,
                            allow,
                            SpecialRanges.ALL,
                            false,
                            RefusedNames.NXDOMAIN)));
    Glob a = new Glob("a");
    Stream<Policy> matches =
        Stream.of(
                matching(List.of(a), List.of(), Optional.empty()),
                matching(List.of(), List.of(a), Optional.empty()),
                matching(List.of(), List.of(a, a), Optional.empty()),
                matching(List.of(), List.of(new Glob("a,1:a")), Optional.empty()),
                new PolicyMatch(List.of(), List.of(), List.of(a), List.of(), Optional.empty()),
                new PolicyMatch(List.of(), List.of(), List.of(), List.of(a), Optional.empty()),
                matching(List.of(), List.of(), Optional.of(true)),
                matching(List.of(), List.of(), Optional.of(false)))
            .map(ReportMakerTest::forJobs);
    assertThat(
            Stream.of(rules, matches, Stream.of(POLICY))
                .flatMap(policies -> policies)
                .map(ReportMaker::digest))
        .doesNotHaveDuplicates()
        .hasSize(18);
  }

  private static PolicyMatch matching(
      List<Glob> platform, List<Glob> project, Optional<Boolean> isProtected) {
    return new PolicyMatch(platform, project, List.of(), List.of(), isProtected);
  }

  private static Policy forJobs(PolicyMatch match) {
    return new Policy(
        POLICY.name(),
        POLICY.image(),
        POLICY.requireDigest(),
        POLICY.pull(),
        POLICY.identity(),
        POLICY.readOnlyRoot(),
        POLICY.seccompKnobs(),
        POLICY.limits(),
        POLICY.egress(),
        POLICY.monitor(),
        match,
        POLICY.onFinding());
  }

  /** The same policy written in other words is the same policy. */
  @Test
  void givesEqualPoliciesEqualDigests() {
    Limits d = Limits.DEFAULT;
    Limits scaled =
        new Limits(
            new BigDecimal("2.00"),
            ByteSize.parse("4096MiB"),
            d.pids(),
            d.disk(),
            d.inodes(),
            d.openFiles(),
            Duration.parse("PT120M"),
            d.services());
    Policy same =
        new Policy(
            POLICY.name(),
            POLICY.image(),
            POLICY.requireDigest(),
            POLICY.pull(),
            POLICY.identity(),
            POLICY.readOnlyRoot(),
            POLICY.seccompKnobs(),
            scaled,
            POLICY.egress(),
            POLICY.monitor(),
            POLICY.match(),
            POLICY.onFinding());
    assertThat(ReportMaker.digest(same)).isEqualTo(ReportMaker.digest(POLICY));
  }

  /** Who compares digests across versions of Mayfly, and across processes, must be able to. */
  @Test
  void keepsTheDigestsThatEarlierVersionsGave() {
    assertThat(ReportMaker.digest(Policy.DEFAULT))
        .isEqualTo("sha256:616ccca69700c2a14f4fd4c2d6ea233dabda7e5bbd49b4059bbe87e715ac0312");
    assertThat(ReportMaker.digest(with(EnumSet.allOf(SeccompKnob.class), Optional.empty())))
        .isEqualTo("sha256:6c90e8787a82e7aea25dc295724de9f8bd54957f9f534526143afdac1e11de95");
  }

  @Test
  void tellsWhyAJobEndedAndWhatToDo() {
    ReportMaker maker = new ReportMaker("1");
    assertThat(
            SampleResult.OUTCOMES.stream()
                .map(outcome -> maker.report(SampleResult.bare(outcome, SampleResult.CLEAN)))
                .map(Report::outcome))
        .containsExactly(
            new Report.OutcomePart("exited", null),
            new Report.OutcomePart(
                "timed-out",
                "the sandbox reached its lifetime of 2h; raise limits.lifetime in the policy if the"
                    + " job needs longer"),
            new Report.OutcomePart(
                "stopped",
                "net.metadata; add egress.allow: [169.254.169.254/32] if this was meant"),
            new Report.OutcomePart("cancelled", "ended by signal 15"),
            new Report.OutcomePart("refused", "no engine; start it"),
            new Report.OutcomePart("failed", "PID 1 ended; start the job again"));
  }

  @Test
  void countsNanosecondsFromTheStart() {
    Report report =
        new ReportMaker("1").report(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN));
    assertThat(report.timeline())
        .contains(
            new Report.SpanPart("job", 0, 2_500_000_000L),
            new Report.SpanPart("create", 2_000_000, 100_000_000));
    assertThat(report.resources())
        .isEqualTo(new Report.Resources(1.25, 96L << 20, 3L << 19, 17L, 2L));
  }

  /** Without a monitor nobody may think that the job was watched. */
  @Test
  void claimsNoCoverage() {
    Report report =
        new ReportMaker("1").report(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN));
    assertThat(report.coverage().state()).isEqualTo("unproven");
  }

  private static Policy with(Set<SeccompKnob> knobs, Optional<Identity> identity) {
    return new Policy(
        POLICY.name(),
        POLICY.image(),
        POLICY.requireDigest(),
        POLICY.pull(),
        identity,
        POLICY.readOnlyRoot(),
        knobs,
        POLICY.limits(),
        POLICY.egress(),
        POLICY.monitor(),
        POLICY.match(),
        POLICY.onFinding());
  }

  private static RecordComponent component(Class<?> type, String name) {
    return Arrays.stream(type.getRecordComponents())
        .filter(component -> component.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The record with one component changed. */
  private static <T extends Record> T with(
      T original, RecordComponent changed, Map<String, Object> others)
      throws ReflectiveOperationException {
    RecordComponent[] components = original.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] =
          components[i].getName().equals(changed.getName())
              ? Objects.requireNonNull(others.get(changed.getName()), changed.getName())
              : components[i].getAccessor().invoke(original);
    }
    @SuppressWarnings("unchecked")
    T copy =
        (T)
            original
                .getClass()
                .getDeclaredConstructor(
                    Arrays.stream(components)
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new))
                .newInstance(values);
    return copy;
  }
}
