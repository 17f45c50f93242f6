package dev.mayfly.supervisor;

import dev.mayfly.egress.EgressSummary;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Printable;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.monitor.ProcessChain;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.monitor.Watch;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxLauncher;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.Teardown;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The life of one job. */
final class JobRun {
  private final Means means;
  private final JobRequest request;
  private final Work work;
  private final SandboxId id;
  private final ImageReference imageName;
  private final Timeline timeline = new Timeline();
  private @Nullable ImageFacts image;
  private @Nullable Sandbox sandbox;
  private Outcome outcome = new Outcome.Refused("not started");
  private Cgroup.Usage usage = Cgroup.Usage.UNKNOWN;
  private Optional<Long> memoryKills = Optional.empty();
  private Teardown teardown = new Teardown(List.of());
  private Supplier<Teardown> again = () -> teardown;
  private Optional<String> workspaceLost = Optional.empty();
  private Optional<EgressSummary> egress = Optional.empty();
  private SandboxActivity activity = SandboxActivity.NOTHING;
  private final SandboxDetections detections;
  private final Announcements announcements;
  private final JobControl control;
  private @Nullable ServiceSandboxes ofServices;
  private @Nullable Services services;
  private final Optional<ObservationRecorder> recorder;
  private final Watch watch;

  /**
   * What jobs are run with.
   *
   * @param ids gives each sandbox its own
   */
  record Means(
      Supplier<SandboxId> ids,
      Cgroups cgroups,
      SandboxPlanner planner,
      SandboxLauncher launcher,
      SandboxNetwork network,
      SandboxMonitor monitor,
      Images images) {}

  /**
   * @param announcements takes lines for the job's log
   */
  JobRun(
      Means means, JobRequest request, Work work, Announcements announcements, JobControl control) {
    this.means = means;
    this.request = request;
    this.work = work;
    this.announcements = announcements;
    this.control = control;
    this.id = means.ids.get();
    this.imageName = request.image().orElse(request.policy().image());
    this.detections =
        new SandboxDetections(
            means.monitor.rules(), request.policy(), announcements::add, control::stop);
    this.recorder = request.record().flatMap(file -> recorder(file, announcements));
    this.watch = means.monitor.watch(id, recorder.map(detections::andThen).orElse(detections));
  }

  /**
   * Runs it. Its sandbox is destroyed when this returns, or {@link #teardown} tells what is left.
   */
  void run(JobStreams streams) {
    means.network.watch(id, this::tell, watch::event);
    try {
      outcome = job(streams);
    } finally {
      forget();
    }
  }

  SandboxId id() {
    return id;
  }

  Teardown teardown() {
    return teardown;
  }

  /** Tries again to destroy what is left. */
  Supplier<Teardown> again() {
    return again;
  }

  private Outcome job(JobStreams streams) {
    try (Timeline.Open _ = timeline.span("job")) {
      Optional<Outcome> failure = provision();
      Sandbox ready = sandbox;
      if (ready == null || failure.isPresent()) {
        if (ready != null) {
          tearDown(ready, streams);
        }
        return control
            .cancelledAlready()
            .<Outcome>map(Outcome.Cancelled::new)
            .or(() -> failure)
            .orElseThrow();
      }
      Outcome ended;
      try {
        ended = watched(ready, streams);
      } catch (RuntimeException e) {
        ended = unexpected(e);
      } finally {
        tearDown(ready, streams);
      }
      return ended instanceof Outcome.Exited ? afterwards(ended) : ended;
    }
  }

  private void tell(EgressSummary.Connection refused) {
    announcements.add(EgressFindings.line(refused, request.policy(), this::who));
    if (EgressFindings.stops(request.policy())) {
      control.stop(EgressFindings.of(refused, request.policy(), this::who));
    }
  }

  private static Optional<ObservationRecorder> recorder(Path file, Announcements announcements) {
    try {
      return Optional.of(new ObservationRecorder(file));
    } catch (IOException e) {
      announcements.add("nothing can be recorded in " + file + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Ends what was seen. */
  private void forget() {
    watch.close();
    if (detections.forgotten() > 0) {
      watch.lost("steps towards findings were given up for lack of room", detections.forgotten());
    }
    SandboxActivity own = means.monitor.forget(id);
    ServiceSandboxes others = ofServices;
    activity = others == null ? own : others.beside(own);
    egress = means.network.forget(id);
    recorder.ifPresent(
        its -> {
          its.close();
          its.trouble().ifPresent(announcements::add);
        });
  }

  private List<Finding> findings(Optional<EgressSummary> reached) {
    List<Finding> findings = new ArrayList<>(detections.findings());
    reached.ifPresent(
        seen ->
            findings.addAll(
                EgressFindings.of(
                    seen, request.policy(), means.network.risks(request.policy()), this::who)));
    return findings;
  }

  private Optional<String> who(EgressSummary.Connection connection) {
    return connection
        .destination()
        .flatMap(address -> watch.whoReached(address, connection.port().orElse(0)))
        .map(actor -> Printable.escaped(ProcessChain.text(actor)));
  }

  /** The work between two proofs that it is seen what is done. */
  private Outcome watched(Sandbox ready, JobStreams streams) {
    Optional<String> blind;
    try (Timeline.Open _ = timeline.span("self-test")) {
      blind = means.monitor.prove(ready);
    }
    if (blind.isPresent()) {
      return new Outcome.Refused(blind.get());
    }
    Outcome ended =
        work.in(
            new Work.Place(
                ready,
                timeline,
                () -> findings(means.network.seen(id)),
                () -> means.monitor.settle(ready)),
            streams,
            control);
    if (ended instanceof Outcome.Exited) {
      means.monitor.proveAgain(ready);
    }
    return ended;
  }

  /** What a job did may be known only once it is over. */
  private Outcome afterwards(Outcome exited) {
    Finding finding = control.stopped().getNow(null);
    return finding != null
        ? new Outcome.Stopped(finding)
        : workspaceLost.<Outcome>map(Outcome.Failed::new).orElse(exited);
  }

  /** Sets {@link #sandbox}, or tells why there is none. */
  private Optional<Outcome> provision() {
    try (Timeline.Open _ = timeline.span("provision")) {
      Optional<String> objection = request.policy().objectionTo(imageName);
      if (objection.isPresent()) {
        return Optional.of(new Outcome.Refused(objection.get()));
      }
      ImageFacts facts = find();
      image = facts;
      if (control.cancelledAlready().isPresent()) {
        return Optional.empty();
      }
      return switch (plan(facts)) {
        case SandboxPlanner.Decision.Refused refused ->
            Optional.of(new Outcome.Refused(refused.reason()));
        case SandboxPlanner.Decision.Accepted accepted -> {
          Sandbox made = means.launcher.launch(accepted.plan(), timeline);
          sandbox = made;
          yield beside(made);
        }
      };
    } catch (LaunchException e) {
      teardown = e.teardown();
      again = e::destroyAgain;
      return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage()), true));
    } catch (EngineException.Missing | EngineException.Denied e) {
      return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage())));
    } catch (EngineException e) {
      return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage()), true));
    } catch (RuntimeException e) {
      return Optional.of(unexpected(e));
    }
  }

  private SandboxPlanner.Decision plan(ImageFacts facts) {
    return means.planner.plan(
        id,
        request.job(),
        request.policy().withImage(imageName),
        facts,
        new SandboxPlanner.Surroundings(
            request.tools(), request.aliases(), Optional.empty(), request.spare()));
  }

  /** Starts the services; why the job is refused, where that did not work. */
  private Optional<Outcome> beside(Sandbox job) {
    if (request.services().isEmpty()) {
      return Optional.empty();
    }
    ServiceSandboxes sandboxes =
        new ServiceSandboxes(means, request, detections, timeline, job, announcements::add);
    Services its =
        new Services(
            request.services(), sandboxes, timeline, announcements::add, Services.READY_LIMIT);
    ofServices = sandboxes;
    services = its;
    try (Cancellable _ = Cancellable.by(control)) {
      its.start();
      return Optional.empty();
    } catch (Services.ServiceException | EngineException.Missing | EngineException.Denied e) {
      return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage())));
    } catch (LaunchException | EngineException e) {
      return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage()), true));
    } catch (InterruptedException e) {
      return Optional.of(new Outcome.Refused("the job was ended while its services started"));
    }
  }

  /** A pull can take long, and is given up when the job is cancelled. */
  private ImageFacts find() throws EngineException {
    try (Cancellable _ = Cancellable.by(control)) {
      return means.images.find(imageName, request.pulls(), request, announcements::add);
    }
  }

  private static Outcome unexpected(RuntimeException e) {
    return new Outcome.Failed(
        "Mayfly met what it did not expect (" + e + "); this is a bug, please report it");
  }

  /** Whatever else fails: in the end, everything is destroyed. */
  private void tearDown(Sandbox ended, JobStreams streams) {
    try (Timeline.Open _ = timeline.span("teardown")) {
      try {
        countMemoryKills();
        stop(ended, streams);
        work.stopped();
        measure();
        keepWorkspace(ended, streams);
      } finally {
        try (Timeline.Open _ = timeline.span("destroy")) {
          teardown = destroyAll(ended);
          again = () -> destroyAll(ended);
        }
      }
    }
  }

  private Teardown destroyAll(Sandbox ended) {
    List<String> left = new ArrayList<>();
    Services its = services;
    if (its != null) {
      left.addAll(its.destroy().leftovers());
    }
    left.addAll(ended.destroy().leftovers());
    return new Teardown(left);
  }

  private void stop(Sandbox ended, JobStreams streams) {
    try (Timeline.Open _ = timeline.span("stop")) {
      if (!ended.stop(
          request.keepWorkspace().isPresent() ? Sandbox.Files.KEPT : Sandbox.Files.DISCARDED,
          work::stopped)) {
        streams
            .messages()
            .accept(
                "the engine does not say that the sandbox has ended; destroying it all the same");
      }
    } catch (EngineException | IOException | RuntimeException e) {
      streams.messages().accept(String.valueOf(e.getMessage()));
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
    return means.cgroups.at(SandboxPlanner.CGROUP_ROOT + "/" + id);
  }

  private void keepWorkspace(Sandbox ended, JobStreams streams) {
    if (request.keepWorkspace().isEmpty()) {
      return;
    }
    try (Timeline.Open _ = timeline.span("keep-workspace")) {
      WorkspaceCopy.out(ended, request.keepWorkspace().get(), streams.messages());
    } catch (IOException e) {
      workspaceLost = Optional.of("the workspace could not be kept: " + e.getMessage());
    }
  }

  JobResult result() {
    Services of = services;
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
        egress,
        activity,
        findings(egress),
        teardown,
        Optional.empty(),
        of == null ? List.of() : of.results());
  }
}
