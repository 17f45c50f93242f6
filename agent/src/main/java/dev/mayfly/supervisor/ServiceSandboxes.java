package dev.mayfly.supervisor;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Timeline;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.Teardown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The sandboxes of one job's services: on the network of the job's, and watched as that is. */
final class ServiceSandboxes implements Services.Making {
  private final JobRun.Means means;
  private final JobRequest request;
  private final SandboxDetections detections;
  private final Timeline timeline;
  private final Sandbox job;
  private final Consumer<String> log;
  private final List<LaunchException> lost = new ArrayList<>();
  private final List<SandboxActivity> seen = new ArrayList<>();

  /**
   * @param detections of the job's
   * @param job its sandbox
   * @param log takes lines for the job's log
   */
  ServiceSandboxes(
      JobRun.Means means,
      JobRequest request,
      SandboxDetections detections,
      Timeline timeline,
      Sandbox job,
      Consumer<String> log) {
    this.means = means;
    this.request = request;
    this.detections = detections;
    this.timeline = timeline;
    this.job = job;
    this.log = log;
  }

  @Override
  public ImageFacts find(ServiceRequest service) throws Services.ServiceException, EngineException {
    Optional<String> objection = request.policy().objectionToService(service.image());
    if (objection.isPresent()) {
      throw new Services.ServiceException(objection.get());
    }
    return means.images().find(service.image(), service.pulls(), request, log);
  }

  @Override
  public Sandbox make(ServiceRequest service, ImageFacts facts)
      throws Services.ServiceException, LaunchException {
    SandboxId its = means.ids().get();
    means.monitor().watch(its, detections);
    boolean made = false;
    try {
      Sandbox sandbox = make(its, service, facts);
      made = true;
      return sandbox;
    } finally {
      if (!made) {
        forget(its);
      }
    }
  }

  private Sandbox make(SandboxId its, ServiceRequest service, ImageFacts facts)
      throws Services.ServiceException, LaunchException {
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
  public Set<Integer> listening() throws IOException {
    return job.listening();
  }

  @Override
  public Teardown destroy(List<Sandbox> made) {
    for (Sandbox one : made.reversed()) {
      try {
        one.stop(Sandbox.Files.DISCARDED, () -> {});
      } catch (EngineException | IOException | RuntimeException e) {
        log.accept("service in sandbox " + one.plan().id() + ": " + e.getMessage());
      }
    }
    List<String> left = new ArrayList<>();
    for (Sandbox one : made.reversed()) {
      left.addAll(one.destroy().leftovers());
      forget(one.plan().id());
    }
    lost.forEach(one -> left.addAll(one.destroyAgain().leftovers()));
    return new Teardown(left);
  }

  /** Keeps nothing of it any longer but what it did. */
  private void forget(SandboxId its) {
    seen.add(means.monitor().forget(its));
  }

  /** What they did beside something else. */
  SandboxActivity beside(SandboxActivity other) {
    return seen.stream().reduce(other, SandboxActivity::and);
  }
}
