package dev.mayfly.supervisor;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.SecretUse;
import dev.mayfly.job.Timeline;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
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
  private static final Duration FOREVER = Duration.ofDays(3650);

  /** As shells tell a command that a signal ended. */
  private static final int FIRST_SIGNAL = 128;

  private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

  private final JobControl control = new JobControl();
  private final CompletableFuture<Work.Place> ready = new CompletableFuture<>();
  private final CompletableFuture<Outcome> over = new CompletableFuture<>();
  private final CompletableFuture<JobResult> result = new CompletableFuture<>();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final CompletableFuture<Adoption> adopted = new CompletableFuture<>();
  private final List<Finding> found = new CopyOnWriteArrayList<>();
  private volatile Optional<SecretUse> secrets = Optional.empty();
  private final List<String> early = new CopyOnWriteArrayList<>();

  /** A job that takes a sandbox that is there already. */
  private record Adoption(Job job, Instant since, Consumer<String> messages) {}

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
    session.adopted.complete(new Adoption(request.job(), Instant.MIN, messages));
    session.begin(runs, request);
    return session;
  }

  /** Makes a sandbox for a job that is to come, {@link #adopt}. */
  static JobSession ahead(Supervisor supervisor, JobRequest request) {
    JobSession session = new JobSession();
    session.begin(supervisor::run, request);
    return session;
  }

  private void begin(Runs runs, JobRequest request) {
    JobStreams streams =
        new JobStreams(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream(),
            this::say);
    Thread.ofVirtual().name("job " + request.job().id()).start(() -> run(runs, request, streams));
  }

  /** What comes before the job is told when it does. */
  private void say(String line) {
    Adoption its = adopted.getNow(null);
    if (its == null) {
      early.add(line);
    } else {
      its.messages.accept(line);
    }
  }

  /** Gives the sandbox to a job. To be called once. */
  void adopt(Job job, Consumer<String> messages) {
    adopted.complete(new Adoption(job, Instant.now(), messages));
    early.forEach(messages);
  }

  private void run(Runs runs, JobRequest request, JobStreams streams) {
    try {
      result.complete(runs.run(request, new InSandbox(), streams, control));
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
    }
  }

  /**
   * Waits for the job's end.
   *
   * @param sooner until when, or the limit
   * @return how it ended; empty where it did not
   */
  private Optional<Outcome> ended(JobControl its, CompletableFuture<?> sooner, Duration limit)
      throws InterruptedException {
    try {
      return switch (CompletableFuture.anyOf(over, its.cancelled(), its.stopped(), sooner)
          .get(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        case Integer signal -> Optional.of(new Outcome.Cancelled(signal));
        case Finding finding -> Optional.of(new Outcome.Stopped(finding));
        case Outcome outcome -> Optional.of(outcome);
        default -> Optional.empty();
      };
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class InSandbox implements Work {
    @Override
    public Outcome in(Place place, JobStreams streams, JobControl its) {
      ready.complete(place);
      Duration lifetime = place.sandbox().plan().policy().limits().lifetime();
      try {
        Optional<Outcome> end = ended(its, adopted, FOREVER);
        if (end.isEmpty()) {
          end = ended(its, new CompletableFuture<>(), lifetime.plus(CommandRun.LIFETIME_GRACE));
        }
        return end.orElseGet(Outcome.TimedOut::new);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Outcome.Failed("Mayfly was stopped while the job ran; start the job again");
      }
    }

    @Override
    public void stopped() {
      stopped.complete(null);
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

  /** Whether the sandbox is there, armed, and proven to be watched. */
  public boolean isReady() {
    return ready.isDone();
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
      return settled(its, outcome);
    }
  }

  /**
   * How a command ended, which may be known only when it is known how the job did: a process that
   * the kernel killed for what it did looks like any other that was killed.
   */
  private Outcome settled(Work.Place its, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Exited exited when exited.code() < FIRST_SIGNAL -> outcome;
      case Outcome.Exited _ -> {
        its.settle().run();
        yield stopped().<Outcome>map(Outcome.Stopped::new).orElse(outcome);
      }
      case Outcome.TimedOut _ -> {
        over.complete(outcome);
        yield outcome;
      }
      case Outcome.Stopped _ -> outcome;
      case Outcome.Cancelled _, Outcome.Refused _ -> {
        killAll(its.sandbox());
        yield outcome;
      }
      case Outcome.Failed _ -> {
        over.complete(outcome);
        yield jobsOutcome().orElse(outcome);
      }
    };
  }

  private Optional<Outcome> jobsOutcome() {
    try {
      return Optional.of(result.get().outcome());
    } catch (ExecutionException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
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

  /** Tells which secrets the CI server handed out for the job. */
  public void handedOut(SecretUse its) {
    secrets = Optional.of(its);
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

  /** Completes when nothing of the job runs any more, or it ended without a sandbox. */
  CompletableFuture<?> quiet() {
    return CompletableFuture.anyOf(stopped, result);
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
   * Ends the job and waits until nothing of it runs any more, which is before its sandbox is
   * destroyed.
   *
   * @param outcome how it ended, where it did not end by itself before
   */
  public void stop(Outcome outcome) throws InterruptedException {
    over.complete(outcome);
    try {
      quiet().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Ends the job and waits until its sandbox is destroyed.
   *
   * @param outcome how it ended, where it did not end by itself before
   */
  public JobResult finish(Outcome outcome) throws InterruptedException {
    over.complete(outcome);
    try {
      JobResult whole = result.get().with(found, secrets);
      Adoption its = adopted.getNow(null);
      return its == null || its.since.equals(Instant.MIN) ? whole : whole.of(its.job, its.since);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
