package dev.mayfly.supervisor;

import dev.mayfly.egress.EgressEvent;
import dev.mayfly.egress.EgressSummary;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.SecretUse;
import dev.mayfly.job.Span;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.JobUser;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.Teardown;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Jobs that ended, for tests. */
public final class SampleResult {
  public static final Teardown CLEAN = new Teardown(List.of());
  public static final Finding FINDING =
      new Finding(
          "net.metadata",
          Finding.Severity.CRITICAL,
          Optional.of("T1552.005"),
          Finding.Reaction.KILL,
          "sh → curl",
          "169.254.169.254:80",
          "add egress.allow: [169.254.169.254/32] if this was meant",
          3);

  /** A name and a connection of every kind. */
  public static final EgressSummary EGRESS =
      new EgressSummary(
          List.of(
              new EgressSummary.Name(
                  DomainName.parse("cdn.example.org"),
                  "A",
                  List.of(DomainName.parse("edge.example.net")),
                  List.of(IpRange.parse("203.0.113.7").first()),
                  2)),
          List.of(
              new EgressSummary.Connection(
                  "tcp",
                  Optional.of(IpRange.parse("203.0.113.7").first()),
                  OptionalInt.of(443),
                  Optional.of("cdn.example.org"),
                  EgressSummary.Verdict.ALLOWED,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  5),
              new EgressSummary.Connection(
                  "icmp",
                  Optional.of(IpRange.parse("203.0.113.8").first()),
                  OptionalInt.empty(),
                  Optional.empty(),
                  EgressSummary.Verdict.AUDITED,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  1),
              new EgressSummary.Connection(
                  "tcp",
                  Optional.of(IpRange.parse("2001:db8::9").first()),
                  OptionalInt.of(22),
                  Optional.empty(),
                  EgressSummary.Verdict.REFUSED,
                  Optional.of(EgressEvent.Layer.PACKET),
                  Optional.of("no rule allows it"),
                  Optional.of("[2001:db8::9]:22"),
                  4)),
          Optional.of(12L),
          List.of());

  private static final SandboxActivity ACTIVITY =
      new SandboxActivity(
          Optional.of("ebpf"),
          List.of("programs of the kind lsm can't be loaded"),
          List.of(
              new SandboxActivity.ProcessRecord(
                  4711,
                  OptionalInt.of(4700),
                  101_001,
                  5_000,
                  OptionalLong.of(9_000),
                  List.of(
                      new SandboxActivity.Program("/bin/dash", List.of("sh", "-c", "make"), false)),
                  0,
                  OptionalInt.of(3 << 8)),
              new SandboxActivity.ProcessRecord(
                  4712,
                  OptionalInt.empty(),
                  101_001,
                  6_000,
                  OptionalLong.empty(),
                  List.of(),
                  2,
                  OptionalInt.of(9))),
          List.of(new SandboxActivity.FurtherPrograms("/bin/true", "/bin/dash", 12)),
          List.of(
              new SandboxActivity.FileRecord("/etc/cron.d/evil", "write", "/bin/dash", true, 2)),
          7,
          Map.of("executed", 13L, "forked", 14L),
          List.of("events came faster than they could be looked at (4)"));

  /** The first of which everything is known. */
  public static final List<ServiceResult> SERVICES =
      List.of(
          new ServiceResult(
              "db (postgres:16)",
              ImageReference.parse("postgres:16"),
              Optional.of("sha256:" + "fedcba9876543210".repeat(4)),
              Optional.of(SandboxId.of("abcdefgh", 2)),
              Optional.of(true),
              ServiceResult.End.EXITED,
              Optional.of(3)),
          new ServiceResult(
              "cache (redis)",
              ImageReference.parse("redis"),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              ServiceResult.End.REFUSED,
              Optional.empty()));

  /** One outcome of every kind. */
  public static final List<Outcome> OUTCOMES =
      List.of(
          new Outcome.Exited(3),
          new Outcome.TimedOut(),
          new Outcome.Stopped(FINDING),
          new Outcome.Cancelled(15),
          new Outcome.Refused("no engine; start it"),
          new Outcome.Failed("PID 1 ended; start the job again"));

  private static final Instant START = Instant.parse("2026-11-01T10:00:00.000000001Z");

  private SampleResult() {}

  /** A job of which nothing is known but that it ended: every optional value is absent. */
  public static JobResult bare(Outcome outcome, Teardown teardown) {
    return new JobResult(
        SandboxId.of("abcdefgh", 1),
        Job.local(new JobId("exec-42")),
        Policy.DEFAULT,
        Policy.DEFAULT.image(),
        Optional.empty(),
        Optional.empty(),
        outcome,
        START,
        List.of(),
        Cgroup.Usage.UNKNOWN,
        Optional.empty(),
        Optional.empty(),
        SandboxActivity.NOTHING,
        List.of(),
        teardown);
  }

  /** A job of which everything is known: every optional value is there. */
  public static JobResult full(Outcome outcome, Teardown teardown) {
    return new JobResult(
        SandboxId.of("abcdefgh", 1),
        new Job(
            new JobId("4711"),
            "gitlab",
            Optional.of("group/project"),
            Optional.of("main"),
            "build:linux",
            Optional.of(true),
            Map.of("stage", "build")),
        Policy.DEFAULT,
        Policy.DEFAULT.image(),
        Optional.of(
            new ImageFacts("sha256:" + "0123456789abcdef".repeat(4), List.of(), "", Set.of())),
        Optional.of(new JobUser("job", 1001, 1001, List.of(), "/home/job")),
        outcome,
        START,
        List.of(
            span("job", 0, 2_500),
            span("provision", 1, 300),
            span("create", 2, 100),
            span("start", 102, 198),
            span("command", 302, 2_000),
            span("teardown", 2_303, 190)),
        new Cgroup.Usage(
            Optional.of(Duration.ofMillis(1_250)),
            Optional.of(96L << 20),
            Optional.of(3L << 19),
            Optional.of(17L)),
        Optional.of(2L),
        Optional.of(EGRESS),
        ACTIVITY,
        List.of(FINDING),
        teardown,
        Optional.of(new SecretUse(List.of("DEPLOY_KEY"), List.of("SIGNING_KEY"))),
        SERVICES);
  }

  private static Span span(String name, long startMillis, long millis) {
    return new Span(name, START.plusMillis(startMillis), Duration.ofMillis(millis));
  }
}
