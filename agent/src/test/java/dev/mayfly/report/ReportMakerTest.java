package dev.mayfly.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.job.Outcome;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.supervisor.SampleResult;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
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
          Duration.ofSeconds(7_201));

  private static final Map<String, Object> OTHER_POLICY =
      Map.of(
          "name",
          "defaults",
          "image",
          ImageReference.parse("base@sha256:" + "0".repeat(63) + "1"),
          "requireDigest",
          true,
          "pull",
          PullPolicy.NEVER,
          "identity",
          Optional.of(Identity.USER),
          "readOnlyRoot",
          true,
          "seccompKnobs",
          Set.of(SeccompKnob.ALLOW_PERF),
          "limits",
          new Limits(
              Limits.DEFAULT.cpus(),
              Limits.DEFAULT.memory(),
              8,
              Limits.DEFAULT.disk(),
              Limits.DEFAULT.inodes(),
              Limits.DEFAULT.openFiles(),
              Limits.DEFAULT.lifetime()));

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
    assertThat(digests).hasSize(16).allMatch(digest -> digest.matches("sha256:[0-9a-f]{64}"));
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
            Duration.parse("PT120M"));
    Policy same =
        new Policy(
            POLICY.name(),
            POLICY.image(),
            POLICY.requireDigest(),
            POLICY.pull(),
            POLICY.identity(),
            POLICY.readOnlyRoot(),
            POLICY.seccompKnobs(),
            scaled);
    assertThat(ReportMaker.digest(same)).isEqualTo(ReportMaker.digest(POLICY));
  }

  /** Who compares digests across versions of Mayfly, and across processes, must be able to. */
  @Test
  void keepsTheDigestsThatEarlierVersionsGave() {
    assertThat(ReportMaker.digest(Policy.DEFAULT))
        .isEqualTo("sha256:98f6c121b06de8279133bd8b727a698661ff74874d4377172c145261ae12fa91");
    assertThat(ReportMaker.digest(with(EnumSet.allOf(SeccompKnob.class), Optional.empty())))
        .isEqualTo("sha256:e524eed4a70fc3c42782711752fcc7a114b5b456616153f95889f49493213760");
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
        POLICY.limits());
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
