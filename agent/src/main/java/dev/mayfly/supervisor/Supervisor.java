package dev.mayfly.supervisor;

import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxLauncher;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.Teardown;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs jobs, each from its request to its result. Safe for use by many threads. */
public final class Supervisor {
  private final SupervisorClaim claim;
  private final Cgroups cgroups;
  private final SandboxPlanner planner;
  private final SandboxLauncher launcher;
  private final Images images;

  public Supervisor(
      SupervisorClaim claim,
      Engine engine,
      Cgroups cgroups,
      SandboxPlanner planner,
      SandboxLauncher launcher) {
    this.claim = claim;
    this.cgroups = cgroups;
    this.planner = planner;
    this.launcher = launcher;
    this.images = new Images(engine);
  }

  /**
   * Runs a job. Whatever happens, the sandbox is destroyed when this returns, or the result tells
   * what is left.
   */
  public JobResult run(JobRequest request, JobStreams streams, JobControl control) {
    Run run = new Run(request, claim.nextSandbox());
    run.outcome = run.job(streams, control);
    return run.result();
  }

  /** The life of one job. */
  private final class Run {
    private final JobRequest request;
    private final SandboxId id;
    private final ImageReference imageName;
    private final Timeline timeline = new Timeline();
    private @Nullable ImageFacts image;
    private @Nullable Sandbox sandbox;
    private Outcome outcome = new Outcome.Refused("not started");
    private Cgroup.Usage usage = Cgroup.Usage.UNKNOWN;
    private Optional<Long> memoryKills = Optional.empty();
    private Teardown teardown = new Teardown(List.of());

    Run(JobRequest request, SandboxId id) {
      this.request = request;
      this.id = id;
      this.imageName = request.image().orElse(request.policy().image());
    }

    Outcome job(JobStreams streams, JobControl control) {
      try (Timeline.Open _ = timeline.span("job")) {
        Outcome refused = provision();
        Sandbox ready = sandbox;
        if (ready == null) {
          return refused;
        }
        try {
          return new CommandRun(ready, request, timeline).run(streams, control);
        } finally {
          countMemoryKills();
          tearDown(ready, streams);
        }
      }
    }

    /** Sets {@link #sandbox}, or tells why there is none. */
    private Outcome provision() {
      try (Timeline.Open _ = timeline.span("provision")) {
        Optional<String> objection = request.policy().objectionTo(imageName);
        if (objection.isPresent()) {
          return new Outcome.Refused(objection.get());
        }
        ImageFacts facts = images.find(imageName, request.policy().pull());
        image = facts;
        return switch (planner.plan(
            id, request.job(), request.policy().withImage(imageName), facts)) {
          case SandboxPlanner.Decision.Refused refused -> new Outcome.Refused(refused.reason());
          case SandboxPlanner.Decision.Accepted accepted -> {
            sandbox = launcher.launch(accepted.plan(), timeline);
            yield new Outcome.Refused("");
          }
        };
      } catch (EngineException | LaunchException e) {
        return new Outcome.Refused(String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Outcome.Refused(
            "Mayfly was stopped while it made the sandbox; start the job again");
      }
    }

    private void tearDown(Sandbox ended, JobStreams streams) {
      try (Timeline.Open _ = timeline.span("teardown")) {
        try (Timeline.Open _ = timeline.span("stop")) {
          if (!ended.stop(
              request.keepWorkspace().isPresent() ? Sandbox.Files.KEPT : Sandbox.Files.DISCARDED)) {
            streams
                .messages()
                .accept(
                    "the engine does not say that the sandbox has ended; destroying it all the same");
          }
        } catch (EngineException | IOException e) {
          streams.messages().accept(String.valueOf(e.getMessage()));
        }
        measure();
        keepWorkspace(ended, streams);
        try (Timeline.Open _ = timeline.span("destroy")) {
          teardown = ended.destroy();
        }
      }
    }

    private void countMemoryKills() {
      try {
        memoryKills = group().memoryKills();
      } catch (IOException e) {
        memoryKills = Optional.empty();
      }
    }

    private void measure() {
      try {
        usage = group().usage();
      } catch (IOException e) {
        usage = Cgroup.Usage.UNKNOWN;
      }
    }

    private Cgroup group() {
      return cgroups.at(SandboxPlanner.CGROUP_ROOT + "/" + id);
    }

    private void keepWorkspace(Sandbox ended, JobStreams streams) {
      if (request.keepWorkspace().isEmpty()) {
        return;
      }
      try (Timeline.Open _ = timeline.span("keep-workspace")) {
        WorkspaceCopy.out(ended, request.keepWorkspace().get(), streams.messages());
      } catch (IOException e) {
        streams.messages().accept("the workspace could not be kept: " + e.getMessage());
      }
    }

    JobResult result() {
      return new JobResult(
          id,
          request.job(),
          request.policy(),
          imageName,
          Optional.ofNullable(image),
          Optional.ofNullable(sandbox).map(Sandbox::user),
          outcome,
          timeline.origin(),
          timeline.spans(),
          usage,
          memoryKills,
          List.of(),
          teardown);
    }
  }
}
