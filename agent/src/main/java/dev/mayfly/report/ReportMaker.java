package dev.mayfly.report;

import dev.mayfly.job.Job;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Span;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.ImageScope;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PolicyMatch;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.supervisor.JobResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts what a supervisor knows of a job into the words of a report. */
public final class ReportMaker {
  private static final double NANOS = 1e9;

  private final String version;

  /**
   * @param version of Mayfly
   */
  public ReportMaker(String version) {
    this.version = version;
  }

  public Report report(JobResult result) {
    return new Report(
        Report.SCHEMA_VERSION,
        version,
        result.sandbox().value(),
        job(result.job()),
        new Report.PolicyPart(
            result.policy().name(),
            digest(result.policy()),
            result
                .user()
                .map(user -> user.name() + " (" + user.uid() + ":" + user.gid() + ")")
                .orElse(null)),
        new Report.ImagePart(
            result.imageName().toString(), result.image().map(image -> image.id()).orElse(null)),
        result.services().isEmpty()
            ? null
            : result.services().stream().map(Report.ServicePart::of).toList(),
        outcome(result.outcome(), result.policy().limits().lifetime()),
        result.exitCode(),
        result.start().toString(),
        result.timeline().stream().map(span -> span(result, span)).toList(),
        resources(result),
        result
            .egress()
            .map(seen -> EgressReport.of(result.policy().egressInForce(), seen))
            .orElse(null),
        MonitorReport.of(result.activity()).orElse(null),
        result
            .secrets()
            .map(its -> new Report.SecretsPart(its.given(), its.withheld()))
            .orElse(null),
        result.findings().stream().map(Report.FindingPart::of).toList(),
        MonitorReport.coverage(result.activity()),
        new Report.TeardownPart(result.teardown().verified(), result.teardown().leftovers()));
  }

  private static Report.JobPart job(Job job) {
    return new Report.JobPart(
        job.id().value(),
        job.platform(),
        job.project().orElse(null),
        job.ref().orElse(null),
        job.name(),
        job.details().isEmpty() ? null : job.details());
  }

  private static Report.SpanPart span(JobResult result, Span span) {
    return new Report.SpanPart(
        span.name(),
        Duration.between(result.start(), span.start()).toNanos(),
        span.duration().toNanos());
  }

  private static Report.OutcomePart outcome(Outcome outcome, Duration lifetime) {
    return switch (outcome) {
      case Outcome.Exited _ -> new Report.OutcomePart("exited", null);
      case Outcome.TimedOut _ ->
          new Report.OutcomePart(
              "timed-out",
              "the sandbox reached its lifetime of "
                  + Durations.show(lifetime)
                  + "; raise limits.lifetime in the policy if the job needs longer");
      case Outcome.Stopped stopped ->
          new Report.OutcomePart(
              "stopped", stopped.finding().rule() + "; " + stopped.finding().remedy());
      case Outcome.Cancelled cancelled ->
          new Report.OutcomePart("cancelled", "ended by signal " + cancelled.signal());
      case Outcome.Refused refused -> new Report.OutcomePart("refused", refused.reason());
      case Outcome.Failed failed -> new Report.OutcomePart("failed", failed.reason());
    };
  }

  private static Report.Resources resources(JobResult result) {
    Cgroup.Usage usage = result.usage();
    return new Report.Resources(
        usage.cpu().map(cpu -> cpu.toNanos() / NANOS).orElse(null),
        usage.peakMemory().orElse(null),
        usage.io().orElse(null),
        usage.peakPids().orElse(null),
        result.memoryKills().orElse(null));
  }

  /** SHA-256 over one line for each value of the policy, in fixed order and form. */
  static String digest(Policy policy) {
    String canonical =
        Stream.of(
                sandbox(policy),
                egress(policy.egress()),
                policy.monitor().map(mode -> "monitor=" + mode.word()).stream(),
                match(policy),
                secrets(policy),
                images(policy.images()),
                services(policy.limits()))
            .flatMap(lines -> lines)
            .collect(Collectors.joining("\n"));
    try {
      return "sha256:"
          + HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest(canonical.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static Stream<String> sandbox(Policy policy) {
    Limits limits = policy.limits();
    return Stream.of(
        "name=" + policy.name(),
        "image=" + policy.image(),
        "require-digest=" + policy.requireDigest(),
        "pull=" + policy.pull().word(),
        "identity=" + policy.identity().map(identity -> identity.word()).orElse("engine"),
        "read-only-root=" + policy.readOnlyRoot(),
        "seccomp="
            + policy.seccompKnobs().stream()
                .map(SeccompKnob::word)
                .sorted()
                .collect(Collectors.joining(",")),
        "cpus=" + limits.cpus().stripTrailingZeros().toPlainString(),
        "memory=" + limits.memory().bytes(),
        "pids=" + limits.pids(),
        "disk=" + limits.disk().bytes(),
        "inodes=" + limits.inodes(),
        "open-files=" + limits.openFiles(),
        "lifetime=" + limits.lifetime().toMillis());
  }

  private static Stream<String> egress(EgressPolicy egress) {
    return Stream.of(
        "egress.mode=" + egress.mode().word(),
        "egress.allow="
            + egress.allow().stream()
                .map(rule -> rule.meaning() + terms(rule.terms()))
                .collect(Collectors.joining(",")),
        "egress.refuse-ranges="
            + egress.refusedRanges().stream()
                .map(IpRange::toString)
                .sorted()
                .collect(Collectors.joining(",")),
        "egress.gate=" + egress.gate(),
        "egress.refused-names=" + egress.refusedNames().word());
  }

  private static String terms(EgressRule.Terms terms) {
    return terms.maxUpload().map(most -> ";max-upload=" + most.bytes()).orElse("")
        + (terms.withoutSni() ? ";without-sni" : "")
        + (terms.encryptedHello() ? ";encrypted-hello" : "");
  }

  /** With its length before each, so that no two lists look the same. */
  private static String globs(List<Glob> globs) {
    return globs.stream()
        .map(glob -> glob.text().length() + ":" + glob.text())
        .collect(Collectors.joining(","));
  }

  /** Nothing where nothing is said, as digests were before there was something to say. */
  private static Stream<String> secrets(Policy policy) {
    IdTokenPolicy tokens = policy.idTokens();
    return Stream.concat(
        policy.secrets().allow().map(allow -> "secrets.allow=" + globs(allow)).stream(),
        tokens.equals(IdTokenPolicy.DEFAULT)
            ? Stream.empty()
            : Stream.of(
                "id-tokens.max-lifetime=" + tokens.maxLifetime().toMillis(),
                "id-tokens.audiences=" + globs(tokens.audiences()),
                "id-tokens.jwks-file=" + tokens.jwksFile().map(Path::toString).orElse("")));
  }

  private static Stream<String> images(ImageScope images) {
    return Stream.concat(
        images.allow().map(allow -> "images.allow=" + globs(allow)).stream(),
        images.services().map(allow -> "images.services=" + globs(allow)).stream());
  }

  private static Stream<String> services(Limits limits) {
    return limits.services() == Limits.DEFAULT.services()
        ? Stream.empty()
        : Stream.of("services=" + limits.services());
  }

  private static Stream<String> match(Policy policy) {
    PolicyMatch match = policy.match();
    return Stream.of(
        "match.platform=" + globs(match.platform()),
        "match.project=" + globs(match.project()),
        "match.ref=" + globs(match.ref()),
        "match.job=" + globs(match.job()),
        "match.protected=" + match.isProtected().map(String::valueOf).orElse("any"),
        "on-finding="
            + policy.onFinding().byWord().entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getValue().word())
                .collect(Collectors.joining(",")));
  }
}
