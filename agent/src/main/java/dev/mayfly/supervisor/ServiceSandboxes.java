package dev.mayfly.supervisor;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Timeline;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxPlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The sandboxes of one job's services: on the network of the job's, and watched as that is. */
final class ServiceSandboxes implements Services.Making {
  private final JobRun.Means means;
  private final JobRequest request;
  private final SandboxDetections detections;
  private final Timeline timeline;
  private final Sandbox job;
  private final List<LaunchException> lost = new ArrayList<>();
  private final List<SandboxActivity> seen = new ArrayList<>();

  /**
   * @param detections of the job's
   * @param job its sandbox
   */
  ServiceSandboxes(
      JobRun.Means means,
      JobRequest request,
      SandboxDetections detections,
      Timeline timeline,
      Sandbox job) {
    this.means = means;
    this.request = request;
    this.detections = detections;
    this.timeline = timeline;
    this.job = job;
  }

  @Override
  public ImageFacts find(ServiceRequest service) throws EngineException {
    return means.images().find(service.image(), request);
  }

  @Override
  public Sandbox make(ServiceRequest service, ImageFacts facts)
      throws Services.ServiceException, LaunchException {
    Optional<String> objection = request.policy().objectionToService(service.image());
    if (objection.isPresent()) {
      throw new Services.ServiceException(objection.get());
    }
    SandboxId its = means.claim().nextSandbox();
    means.monitor().watch(its, detections);
    return switch (means
        .planner()
        .plan(
            its,
            request.job(),
            request.policy().withImage(service.image()),
            facts,
            new SandboxPlanner.Surroundings(
                Optional.empty(),
                request.aliases(),
                Optional.of(job.network()),
                request.spare()))) {
      case SandboxPlanner.Decision.Refused refused ->
          throw new Services.ServiceException(
              "service " + service.name() + ": " + refused.reason());
      case SandboxPlanner.Decision.Accepted accepted -> launched(accepted);
    };
  }

  private Sandbox launched(SandboxPlanner.Decision.Accepted accepted) throws LaunchException {
    try {
      return means.launcher().launch(accepted.plan(), timeline);
    } catch (LaunchException e) {
      lost.add(e);
      throw e;
    }
  }

  @Override
  public void forget(SandboxId its) {
    seen.add(means.monitor().forget(its));
  }

  /** What they did beside something else. */
  SandboxActivity beside(SandboxActivity other) {
    return seen.stream().reduce(other, SandboxActivity::and);
  }

  /** Tries again to destroy those that could not be made ready. */
  List<String> destroyLost() {
    return lost.stream().flatMap(one -> one.destroyAgain().leftovers().stream()).toList();
  }
}
