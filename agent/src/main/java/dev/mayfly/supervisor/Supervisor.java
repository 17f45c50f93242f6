package dev.mayfly.supervisor;

import dev.mayfly.egress.EgressSummary;
import dev.mayfly.engine.Engine;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs jobs, each from its request to its result. Safe for use by many threads. */
public final class Supervisor {
  private final SupervisorClaim claim;
  private final Cgroups cgroups;
  private final SandboxPlanner planner;
  private final SandboxLauncher launcher;
  private final SandboxNetwork network;
  private final SandboxMonitor monitor;
  private final Images images;
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
    this.claim = claim;
    this.cgroups = cgroups;
    this.planner = planner;
    this.launcher = launcher;
    this.network = network;
    this.monitor = monitor;
    this.images = new Images(engine, restricted);
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
    Run run = new Run(request, work, claim.nextSandbox(), announcements, control);
    try (announcements) {
      network.watch(run.id, refused -> run.tell(refused, announcements, control), run.watch::event);
      try {
        run.outcome = run.job(streams, control);
      } finally {
        run.forget(announcements);
      }
    }
    if (!run.teardown.verified()) {
      unfinished.put(run.id, new Unfinished(run.teardown, run.again));
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
          && images.find(name, request).id().equals(id);
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

  /** The life of one job. */
  private final class Run {
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
    private final List<LaunchException> lost = new ArrayList<>();
    private final List<SandboxActivity> seenOfServices = new ArrayList<>();
    private @Nullable Services services;
    private final Optional<ObservationRecorder> recorder;
    private final Watch watch;

    Run(
        JobRequest request,
        Work work,
        SandboxId id,
        Announcements announcements,
        JobControl control) {
      this.request = request;
      this.work = work;
      this.announcements = announcements;
      this.id = id;
      this.imageName = request.image().orElse(request.policy().image());
      this.detections =
          new SandboxDetections(
              monitor.rules(), request.policy(), announcements::add, control::stop);
      this.recorder = request.record().flatMap(file -> recorder(file, announcements));
      this.watch = monitor.watch(id, recorder.map(detections::andThen).orElse(detections));
    }

    Outcome job(JobStreams streams, JobControl control) {
      try (Timeline.Open _ = timeline.span("job")) {
        Optional<Outcome> failure = provision(control);
        Sandbox ready = sandbox;
        if (ready != null && failure.isPresent()) {
          tearDown(ready, streams);
          return control
              .cancelledAlready()
              .<Outcome>map(Outcome.Cancelled::new)
              .or(() -> failure)
              .get();
        }
        if (ready == null) {
          return control
              .cancelledAlready()
              .<Outcome>map(Outcome.Cancelled::new)
              .or(() -> failure)
              .orElseThrow();
        }
        Outcome ended;
        try {
          ended = watched(ready, streams, control);
        } catch (RuntimeException e) {
          ended = unexpected(e);
        } finally {
          tearDown(ready, streams);
        }
        return ended instanceof Outcome.Exited ? afterwards(ended, control) : ended;
      }
    }

    void tell(EgressSummary.Connection refused, Announcements announcements, JobControl control) {
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
    private void forget(Announcements announcements) {
      watch.close();
      if (detections.forgotten() > 0) {
        watch.lost("steps towards findings were given up for lack of room", detections.forgotten());
      }
      activity = seenOfServices.stream().reduce(monitor.forget(id), SandboxActivity::and);
      egress = network.forget(id);
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
                      seen, request.policy(), network.risks(request.policy()), this::who)));
      return findings;
    }

    private Optional<String> who(EgressSummary.Connection connection) {
      return connection
          .destination()
          .flatMap(address -> watch.whoReached(address, connection.port().orElse(0)))
          .map(actor -> Printable.escaped(ProcessChain.text(actor)));
    }

    /** The work between two proofs that it is seen what is done. */
    private Outcome watched(Sandbox ready, JobStreams streams, JobControl control) {
      Optional<String> blind;
      try (Timeline.Open _ = timeline.span("self-test")) {
        blind = monitor.prove(ready);
      }
      if (blind.isPresent()) {
        return new Outcome.Refused(blind.get());
      }
      Outcome ended =
          work.in(
              new Work.Place(
                  ready, timeline, () -> findings(network.seen(id)), () -> monitor.settle(ready)),
              streams,
              control);
      if (ended instanceof Outcome.Exited) {
        monitor.proveAgain(ready);
      }
      return ended;
    }

    /** What a job did may be known only once it is over. */
    private Outcome afterwards(Outcome exited, JobControl control) {
      Finding finding = control.stopped().getNow(null);
      return finding != null
          ? new Outcome.Stopped(finding)
          : workspaceLost.<Outcome>map(Outcome.Failed::new).orElse(exited);
    }

    /** Sets {@link #sandbox}, or tells why there is none. */
    private Optional<Outcome> provision(JobControl control) {
      try (Timeline.Open _ = timeline.span("provision")) {
        Optional<String> objection = request.policy().objectionTo(imageName);
        if (objection.isPresent()) {
          return Optional.of(new Outcome.Refused(objection.get()));
        }
        ImageFacts facts = find(control);
        image = facts;
        if (control.cancelledAlready().isPresent()) {
          return Optional.empty();
        }
        return switch (plan(facts)) {
          case SandboxPlanner.Decision.Refused refused ->
              Optional.of(new Outcome.Refused(refused.reason()));
          case SandboxPlanner.Decision.Accepted accepted -> {
            Sandbox made = launcher.launch(accepted.plan(), timeline);
            sandbox = made;
            yield beside(made, control);
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
      return planner.plan(
          id,
          request.job(),
          request.policy().withImage(imageName),
          facts,
          new SandboxPlanner.Surroundings(
              request.tools(), aliases(), Optional.empty(), request.spare()));
    }

    private List<String> aliases() {
      return request.services().stream()
          .flatMap(service -> service.aliases().stream())
          .distinct()
          .toList();
    }

    /** Starts the services; why the job is refused, where that did not work. */
    private Optional<Outcome> beside(Sandbox job, JobControl control) {
      if (request.services().isEmpty()) {
        return Optional.empty();
      }
      Services its = new Services(new OnNetworkOf(job), timeline, announcements::add);
      services = its;
      try (Cancellable _ = Cancellable.by(control)) {
        its.start(request.services(), job);
        return Optional.empty();
      } catch (Services.ServiceException | EngineException.Missing | EngineException.Denied e) {
        return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage())));
      } catch (LaunchException e) {
        lost.add(e);
        return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage()), true));
      } catch (EngineException e) {
        return Optional.of(new Outcome.Refused(String.valueOf(e.getMessage()), true));
      } catch (InterruptedException e) {
        return Optional.of(new Outcome.Refused("the job was ended while its services started"));
      }
    }

    /** Makes sandboxes on the network of the job's, watched as that is. */
    private final class OnNetworkOf implements Services.Making {
      private final Sandbox job;

      OnNetworkOf(Sandbox job) {
        this.job = job;
      }

      @Override
      public ImageFacts find(ServiceRequest service)
          throws Services.ServiceException, EngineException {
        Optional<String> objection = request.policy().objectionToService(service.image());
        if (objection.isPresent()) {
          throw new Services.ServiceException(objection.get());
        }
        return images.find(service.image(), request);
      }

      @Override
      public Sandbox make(ServiceRequest service, ImageFacts facts)
          throws Services.ServiceException, LaunchException {
        SandboxId its = claim.nextSandbox();
        monitor.watch(its, detections);
        return switch (planner.plan(
            its,
            request.job(),
            request.policy().withImage(service.image()),
            facts,
            new SandboxPlanner.Surroundings(
                Optional.empty(), aliases(), Optional.of(job.network()), request.spare()))) {
          case SandboxPlanner.Decision.Refused refused ->
              throw new Services.ServiceException(
                  "service " + service.name() + ": " + refused.reason());
          case SandboxPlanner.Decision.Accepted accepted ->
              launcher.launch(accepted.plan(), timeline);
        };
      }

      @Override
      public void forget(SandboxId its) {
        seenOfServices.add(monitor.forget(its));
      }
    }

    /** A pull can take long, and is given up when the job is cancelled. */
    private ImageFacts find(JobControl control) throws EngineException {
      try (Cancellable _ = Cancellable.by(control)) {
        return images.find(imageName, request);
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
      lost.forEach(one -> left.addAll(one.destroyAgain().leftovers()));
      left.addAll(ended.destroy().leftovers());
      return new Teardown(left);
    }

    private void stop(Sandbox ended, JobStreams streams) {
      try (Timeline.Open _ = timeline.span("stop")) {
        if (!ended.stop(
            request.keepWorkspace().isPresent() ? Sandbox.Files.KEPT : Sandbox.Files.DISCARDED)) {
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
      return cgroups.at(SandboxPlanner.CGROUP_ROOT + "/" + id);
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
          teardown);
    }
  }
}
