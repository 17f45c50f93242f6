package dev.mayfly.supervisor;

import dev.mayfly.egress.EgressSummary;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.SecretUse;
import dev.mayfly.job.Span;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.JobUser;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.Teardown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that is known of a job at its end.
 *
 * @param image empty where the image was not found
 * @param user whom it ran as; empty where it did not run
 * @param memoryKills processes the kernel killed for the memory limit, where it counts them
 * @param egress what it tried to reach; empty where it was not on the network
 * @param activity what it was seen to do
 * @param secrets what the CI server handed out for it; empty where none takes part
 * @param services what it had beside it
 */
public record JobResult(
    SandboxId sandbox,
    Job job,
    Policy policy,
    ImageReference imageName,
    Optional<ImageFacts> image,
    Optional<JobUser> user,
    Outcome outcome,
    Instant start,
    List<Span> timeline,
    Cgroup.Usage usage,
    Optional<Long> memoryKills,
    Optional<EgressSummary> egress,
    SandboxActivity activity,
    List<Finding> findings,
    Teardown teardown,
    Optional<SecretUse> secrets,
    List<ServiceResult> services) {

  /** Exit codes of Mayfly's own. */
  public static final int STOPPED = 122;

  public static final int LEFTOVERS = 123;
  public static final int TIMED_OUT = 124;
  public static final int REFUSED = 125;

  /** A job that no CI server handed out. */
  public JobResult(
      SandboxId sandbox,
      Job job,
      Policy policy,
      ImageReference imageName,
      Optional<ImageFacts> image,
      Optional<JobUser> user,
      Outcome outcome,
      Instant start,
      List<Span> timeline,
      Cgroup.Usage usage,
      Optional<Long> memoryKills,
      Optional<EgressSummary> egress,
      SandboxActivity activity,
      List<Finding> findings,
      Teardown teardown) {
    this(
        sandbox,
        job,
        policy,
        imageName,
        image,
        user,
        outcome,
        start,
        timeline,
        usage,
        memoryKills,
        egress,
        activity,
        findings,
        teardown,
        Optional.empty(),
        List.of());
  }

  public JobResult {
    timeline = List.copyOf(timeline);
    findings = List.copyOf(findings);
    services = List.copyOf(services);
  }

  /** The same with what its front knows. */
  JobResult with(List<Finding> further, Optional<SecretUse> handedOut) {
    return new JobResult(
        sandbox,
        job,
        policy,
        imageName,
        image,
        user,
        outcome,
        start,
        timeline,
        usage,
        memoryKills,
        egress,
        activity,
        Stream.concat(findings.stream(), further.stream()).toList(),
        teardown,
        handedOut,
        services);
  }

  /**
   * The same of a job that came when its sandbox was there already.
   *
   * @param its the job
   * @param since when it came
   */
  JobResult of(Job its, Instant since) {
    Instant end =
        timeline.stream()
            .map(span -> span.start().plus(span.duration()))
            .max(Comparator.naturalOrder())
            .orElse(since);
    List<Span> own = new ArrayList<>();
    own.add(new Span("job", since, Duration.between(since, end)));
    timeline.stream().filter(span -> !span.start().isBefore(since)).forEach(own::add);
    return new JobResult(
        sandbox,
        its,
        policy,
        imageName,
        image,
        user,
        outcome,
        since,
        own,
        usage,
        memoryKills,
        egress,
        activity,
        findings,
        teardown,
        secrets,
        services);
  }

  /** What {@code mayfly exec} exits with. */
  public int exitCode() {
    int own =
        switch (outcome) {
          case Outcome.Exited exited -> exited.code();
          case Outcome.Cancelled cancelled -> 128 + cancelled.signal();
          case Outcome.Stopped _ -> STOPPED;
          case Outcome.TimedOut _ -> TIMED_OUT;
          case Outcome.Refused _ -> REFUSED;
          case Outcome.Failed _ -> REFUSED;
        };
    return teardown.verified() ? own : LEFTOVERS;
  }
}
