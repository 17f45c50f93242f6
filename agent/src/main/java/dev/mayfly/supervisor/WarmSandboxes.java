package dev.mayfly.supervisor;

import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Outcome;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Sandboxes that are made, armed and proven to be watched before their jobs come: each for a policy
 * and an image that a job had before, and for one job. Safe for use by many threads.
 */
public final class WarmSandboxes implements AutoCloseable {
  /** How long one waits for a job; then it is made anew, of what its image's name means by then. */
  private static final Duration OLDEST = Duration.ofMinutes(10);

  /**
   * How long a job that begins has the processors to itself: to make the next sandbox takes both of
   * two for some hundred milliseconds, which a short job is over in.
   */
  private static final Duration AHEAD_OF_NEXT = Duration.ofSeconds(1);

  private final Supervisor supervisor;
  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Warm> waiting = new ArrayList<>();
  private boolean closed;

  private record Kind(Policy policy, Optional<ImageReference> image, Optional<Path> tools) {
    static Kind of(JobRequest request) {
      return new Kind(request.policy(), request.image(), request.tools());
    }
  }

  private record Warm(Kind kind, JobSession session, long since) {
    boolean isOld() {
      return System.nanoTime() - since > OLDEST.toNanos();
    }
  }

  /**
   * @param most how many wait at one time
   */
  public WarmSandboxes(Supervisor supervisor, int most) {
    this.supervisor = supervisor;
    this.most = most;
  }

  /**
   * A session for a job, in a sandbox that is there already, or in one that is made now; one more
   * of the kind is made a little later.
   *
   * @param messages takes Mayfly's own lines for the job's log at any time; may block
   */
  public JobSession session(JobRequest request, Consumer<String> messages) {
    Optional<JobSession> ready = request.services().isEmpty() ? take(request) : Optional.empty();
    ready.ifPresent(session -> session.adopt(request.job(), messages));
    JobSession session = ready.orElseGet(() -> JobSession.start(supervisor, request, messages));
    var _ =
        session
            .quiet()
            .copy()
            .completeOnTimeout(null, AHEAD_OF_NEXT.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((_, _) -> refill(request));
    return session;
  }

  private Optional<JobSession> take(JobRequest request) {
    Optional<JobSession> found = remove(Kind.of(request));
    while (found.isPresent()) {
      JobSession session = found.get();
      if (image(session).filter(id -> supervisor.gives(id, request)).isPresent()) {
        return found;
      }
      discard(session);
      found = remove(Kind.of(request));
    }
    return Optional.empty();
  }

  /** One that is about to be ready is sooner so than one that is not begun. */
  private static Optional<String> image(JobSession session) {
    try {
      return session.awaitSandbox().map(sandbox -> sandbox.plan().image().id());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The one that is there the longest. */
  private Optional<JobSession> remove(Kind kind) {
    lock.lock();
    try {
      Optional<Warm> first =
          waiting.stream()
              .filter(one -> one.kind.equals(kind) && !one.isOld() && !one.session.isOver())
              .findFirst();
      first.ifPresent(waiting::remove);
      return first.map(Warm::session);
    } finally {
      lock.unlock();
    }
  }

  /** Makes one more of the kind; where there are too many, those of other kinds go first. */
  private void refill(JobRequest request) {
    List<Warm> leaving = new ArrayList<>();
    lock.lock();
    try {
      long same = waiting.stream().filter(one -> one.kind.equals(Kind.of(request))).count();
      if (closed || same >= most) {
        return;
      }
      while (waiting.size() >= most) {
        leaving.add(waiting.removeFirst());
      }
      Job placeholder = Job.local(new JobId("none"));
      waiting.add(
          new Warm(
              Kind.of(request),
              JobSession.ahead(supervisor, request.ahead(placeholder, OLDEST)),
              System.nanoTime()));
    } finally {
      lock.unlock();
    }
    leaving.forEach(one -> discard(one.session));
  }

  /** How many wait for jobs, or are being made for that. */
  public int made() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many of them a job would get at once. */
  public int ready() {
    lock.lock();
    try {
      return Math.toIntExact(waiting.stream().filter(one -> one.session.isReady()).count());
    } finally {
      lock.unlock();
    }
  }

  /** Destroys those that have waited too long, or ended. */
  public void refresh() {
    List<Warm> leaving = new ArrayList<>();
    lock.lock();
    try {
      waiting.removeIf(one -> (one.isOld() || one.session.isOver()) && leaving.add(one));
    } finally {
      lock.unlock();
    }
    leaving.forEach(one -> discard(one.session));
  }

  private static void discard(JobSession session) {
    Thread.ofVirtual().name("discard").start(() -> end(session));
  }

  private static void end(JobSession session) {
    try {
      var _ = session.finish(new Outcome.Cancelled(15));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Destroys all of them, and returns when they are. */
  @Override
  public void close() {
    List<Warm> leaving;
    lock.lock();
    try {
      closed = true;
      leaving = List.copyOf(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    List<Thread> ending =
        leaving.stream().map(one -> Thread.ofVirtual().start(() -> end(one.session))).toList();
    try {
      for (Thread thread : ending) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
