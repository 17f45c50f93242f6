package dev.mayfly.supervisor;

import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxLauncher;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.Teardown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Runs jobs, each from its request to its result. Safe for use by many threads. */
public final class Supervisor {
  private final JobRun.Means means;
  private final Map<SandboxId, Unfinished> unfinished = new ConcurrentHashMap<>();

  public Supervisor(
      SupervisorClaim claim,
      Engine engine,
      Cgroups cgroups,
      SandboxPlanner planner,
      SandboxLauncher launcher,
      SandboxNetwork network,
      SandboxMonitor monitor,
      PrivateImages restricted) {
    this.means =
        new JobRun.Means(
            claim::nextSandbox,
            cgroups,
            planner,
            launcher,
            network,
            monitor,
            new Images(engine, restricted));
  }

  /**
   * Runs a job of one command. Whatever happens, the sandbox is destroyed when this returns, or the
   * result tells what is left.
   */
  public JobResult run(
      JobRequest request, CommandRequest command, JobStreams streams, JobControl control) {
    return run(
        request,
        (place, its, controlled) ->
            new CommandRun(place.sandbox(), command, place.timeline()).run(its, controlled),
        streams,
        control);
  }

  /** The same with any work. */
  JobResult run(JobRequest request, Work work, JobStreams streams, JobControl control) {
    Announcements announcements = new Announcements(streams.messages());
    JobRun run = new JobRun(means, request, work, announcements, control);
    try (announcements) {
      run.run(streams);
    }
    if (!run.teardown().verified()) {
      unfinished.put(run.id(), new Unfinished(run.teardown(), run.again()));
    }
    return run.result();
  }

  /**
   * Whether a job would get this very image now, and may have it.
   *
   * @param id digest of the image
   */
  boolean gives(String id, JobRequest request) {
    ImageReference name = request.image().orElse(request.policy().image());
    try {
      return request.policy().objectionTo(name).isEmpty()
          && means.images().find(name, request.pulls(), request, _ -> {}).id().equals(id);
    } catch (EngineException e) {
      return false; // Whoever makes a sandbox for it meets the same, and says so.
    }
  }

  /**
   * What could not be destroyed.
   *
   * @param teardown what was left
   * @param again destroys, and looks in every place where the first attempt did
   */
  private record Unfinished(Teardown teardown, Supplier<Teardown> again) {}

  /** Whether all that this supervisor made is destroyed, but for the jobs that run. */
  public boolean isClean() {
    return unfinished.isEmpty();
  }

  /**
   * Tries again to destroy what could not be destroyed when its job ended.
   *
   * @return each, and whether it is gone now
   */
  public List<Reaper.Reaped> retryTeardowns() {
    List<Reaper.Reaped> tried = new ArrayList<>();
    unfinished.forEach(
        (id, one) ->
            tried.add(new Reaper.Reaped(id, one.teardown().leftovers(), one.again().get())));
    for (Reaper.Reaped one : tried) {
      unfinished.computeIfPresent(
          one.id(),
          (_, before) ->
              one.teardown().verified() ? null : new Unfinished(one.teardown(), before.again()));
    }
    return tried;
  }
}
