package dev.mayfly.supervisor;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Timeline;
import dev.mayfly.policy.Limits;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A job whose commands come from outside, one after another, for one sandbox. Safe for use by many
 * threads.
 */
public final class JobSession {
  private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

  private final JobControl control = new JobControl();
  private final CompletableFuture<Work.Place> ready = new CompletableFuture<>();
  private final CompletableFuture<Outcome> over = new CompletableFuture<>();
  private final CompletableFuture<JobResult> result = new CompletableFuture<>();
  private final List<Finding> found = new CopyOnWriteArrayList<>();

  private JobSession() {}

  /** What gives a job its sandbox, and destroys it: a supervisor. */
  @FunctionalInterface
  interface Runs {
    JobResult run(JobRequest request, Work work, JobStreams streams, JobControl control);
  }

  /**
   * Begins a job: its sandbox is made on a thread of its own.
   *
   * @param messages takes Mayfly's own lines for the job's log at any time; may block
   */
  public static JobSession start(
      Supervisor supervisor, JobRequest request, Consumer<String> messages) {
    return start(supervisor::run, request, messages);
  }

  static JobSession start(Runs runs, JobRequest request, Consumer<String> messages) {
    JobSession session = new JobSession();
    JobStreams streams =
        new JobStreams(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream(),
            messages);
    Thread.ofVirtual()
        .name("job " + request.job().id())
        .start(() -> session.run(runs, request, streams));
    return session;
  }

  private void run(Runs runs, JobRequest request, JobStreams streams) {
    try {
      result.complete(runs.run(request, this::in, streams, control));
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
    }
  }

  private Outcome in(Work.Place place, JobStreams streams, JobControl its) {
    ready.complete(place);
    Limits limits = place.sandbox().plan().policy().limits();
    try {
      Object first =
          CompletableFuture.anyOf(over, its.cancelled(), its.stopped())
              .get(
                  limits.lifetime().plus(CommandRun.LIFETIME_GRACE).toMillis(),
                  TimeUnit.MILLISECONDS);
      return switch (first) {
        case Integer signal -> new Outcome.Cancelled(signal);
        case Finding finding -> new Outcome.Stopped(finding);
        default -> (Outcome) first;
      };
    } catch (TimeoutException e) {
      return new Outcome.TimedOut();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Failed("Mayfly was stopped while the job ran; start the job again");
    }
  }

  /**
   * Waits until the sandbox is there, armed, and proven to be watched.
   *
   * @return its plan's sandbox; empty where the job ended without one: {@link #finish} tells why
   */
  public Optional<Sandbox> awaitSandbox() throws InterruptedException {
    try {
      CompletableFuture.anyOf(ready, result).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return Optional.ofNullable(ready.getNow(null)).map(Work.Place::sandbox);
  }

  /**
   * Runs a command in the sandbox, and ends every process that it leaves there.
   *
   * @param name of the span in the report
   * @param steering of this command; it is ended, too, when the job is
   * @throws IllegalStateException where there is no sandbox yet
   */
  public Outcome command(
      String name, CommandRequest command, JobStreams streams, JobControl steering) {
    Work.Place its = ready.getNow(null);
    if (its == null) {
      throw new IllegalStateException("a command before there is a sandbox");
    }
    var _ = control.stopped().thenAccept(steering::stop);
    var _ = control.cancelled().thenAccept(steering::cancel);
    try (Timeline.Open _ = its.timeline().span(name)) {
      Outcome outcome =
          new CommandRun(its.sandbox(), command, its.timeline()).run(streams, steering);
      if (!(outcome instanceof Outcome.Exited)) {
        killAll(its.sandbox());
      }
      return outcome;
    }
  }

  /** What can't be killed is destroyed with the sandbox. */
  private void killAll(Sandbox sandbox) {
    try {
      sandbox.channel().killAll(KILL_LIMIT);
    } catch (IOException e) {
      over.complete(new Outcome.Failed("processes outlive a command: " + e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What was found so far. */
  public List<Finding> findings() {
    Work.Place its = ready.getNow(null);
    List<Finding> all = new ArrayList<>(its == null ? List.of() : its.findings().get());
    all.addAll(found);
    return all;
  }

  /** Adds what was found out about the job from outside of its sandbox. */
  public void found(Finding finding) {
    found.add(finding);
  }

  /** The variables of the sandbox's image, {@code NAME=VALUE}. */
  public List<String> imageEnvironment() {
    Work.Place its = ready.getNow(null);
    return its == null ? List.of() : its.sandbox().plan().image().environment();
  }

  /** What the sandbox's image has executed before anything else. */
  public List<String> imageEntrypoint() {
    Work.Place its = ready.getNow(null);
    return its == null ? List.of() : its.sandbox().plan().image().start().entrypoint();
  }

  /** The sandbox, once there is one. */
  public Optional<SandboxId> sandboxId() {
    return Optional.ofNullable(ready.getNow(null)).map(its -> its.sandbox().plan().id());
  }

  /** What ended the job, if something did beside {@link #finish}. */
  public Optional<Finding> stopped() {
    return Optional.ofNullable(control.stopped().getNow(null));
  }

  /** Whether the job ended, and its sandbox is destroyed. */
  public boolean isOver() {
    return result.isDone();
  }

  /** Ends the job, whatever it does, with the signal that is told as the reason. */
  public void cancel(int signal) {
    control.cancel(signal);
  }

  /**
   * Ends the job and waits until its sandbox is destroyed.
   *
   * @param outcome how it ended, where it did not end by itself before
   */
  public JobResult finish(Outcome outcome) throws InterruptedException {
    over.complete(outcome);
    try {
      return result.get().with(found);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
