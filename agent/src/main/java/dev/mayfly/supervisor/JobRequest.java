package dev.mayfly.supervisor;

import dev.mayfly.engine.RegistryLogin;
import dev.mayfly.job.Job;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The sandbox that a job is to have.
 *
 * @param image instead of the policy's
 * @param pulls what may be done to have its image, in turn, where the policy leaves that; empty:
 *     what the policy says
 * @param logins to registries, for its images: of those that say the same, the first holds
 * @param tools directory of the host that it sees in place of Mayfly's own tools, with those in it
 * @param services that it has beside it
 * @param spare how long its sandbox may wait for it, made ahead of time
 * @param keepWorkspace existing directory of the host to copy the workspace out to
 * @param record file of the host to write down what the sandbox is seen to do
 */
public record JobRequest(
    Job job,
    Policy policy,
    Optional<ImageReference> image,
    List<PullPolicy> pulls,
    List<RegistryLogin> logins,
    Optional<Path> tools,
    List<ServiceRequest> services,
    Duration spare,
    Optional<Path> keepWorkspace,
    Optional<Path> record) {
  public JobRequest {
    pulls = List.copyOf(pulls);
    logins = List.copyOf(logins);
    services = List.copyOf(services);
  }

  /** A job of which nothing is kept but its report. */
  public JobRequest(Job job, Policy policy, Optional<ImageReference> image) {
    this(job, policy, image, Optional.empty(), Optional.empty());
  }

  /** A job that the CI server gives nothing for. */
  public JobRequest(
      Job job,
      Policy policy,
      Optional<ImageReference> image,
      Optional<Path> keepWorkspace,
      Optional<Path> record) {
    this(
        job,
        policy,
        image,
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        Duration.ZERO,
        keepWorkspace,
        record);
  }

  /** The names by which a job and its services know these. */
  List<String> aliases() {
    return services.stream().flatMap(service -> service.aliases().stream()).distinct().toList();
  }

  /** The sandbox of such a job, for whichever comes. */
  JobRequest ahead(Job placeholder, Duration waiting) {
    return new JobRequest(
        placeholder,
        policy,
        image,
        pulls,
        logins,
        tools,
        List.of(),
        waiting,
        Optional.empty(),
        Optional.empty());
  }
}
