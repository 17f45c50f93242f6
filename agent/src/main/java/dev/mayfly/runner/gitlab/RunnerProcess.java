package dev.mayfly.runner.gitlab;

import dev.mayfly.job.Printable;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.NamedPipe;
import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * gitlab-runner as a child without any privilege, in a cgroup of its own. Started again when it
 * ends by itself, later each time.
 */
final class RunnerProcess {
  /** What a line of its log may have at most. */
  static final int LINE_LIMIT = 8 << 10;

  private static final int BUFFER = 8 << 10;
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** How long a signal may wait for a process that does not run. */
  private static final Duration TAKEN_LIMIT = Duration.ofSeconds(1);

  private static final Duration TAKEN_PAUSE = Duration.ofMillis(1);
  private static final int SIGQUIT = 3;
  private static final int SIGTERM = 15;

  private final Program program;
  private final Cgroup group;
  private final Steps steps;
  private final Times times;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final AtomicBoolean draining = new AtomicBoolean();
  private volatile @Nullable Process process;

  /**
   * What is run.
   *
   * @param runner its name
   * @param output where a pipe for its log can be, which nobody but root gets to
   * @param mostProcesses and threads, with its hooks
   */
  record Program(String runner, Child child, Path output, long mostProcesses) {}

  /** Starts what is run. */
  interface Child {
    Process start(ProcessBuilder.Redirect output) throws IOException;
  }

  /** What is done before each start and after each end. */
  interface Steps {
    /**
     * To be done while nothing of the runner's runs.
     *
     * @return words that its log must not have
     */
    Set<String> beforeStart() throws IOException;

    /**
     * What ends with it.
     *
     * @param alone whether nothing of the runner's runs any more, so that its files may be touched
     */
    void afterEnd(boolean alone) throws IOException;

    void log(String line);
  }

  /**
   * How long things take.
   *
   * @param firstPause before it is started again
   * @param longestPause where it ends again and again
   * @param healthy who ran so long did not fail at its start
   * @param end of everything in its cgroup, once it is killed
   * @param log what comes out of it after its end
   */
  record Times(
      Duration firstPause, Duration longestPause, Duration healthy, Duration end, Duration log) {
    static final Times USUAL =
        new Times(
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(2));
  }

  RunnerProcess(Program program, Cgroup group, Steps steps, Times times) {
    this.program = program;
    this.group = group;
    this.steps = steps;
    this.times = times;
  }

  /**
   * Starts it, on a thread of its own that lasts as long: the kernel ends the child when the thread
   * that made it is gone (PR_SET_PDEATHSIG, prctl(2)), and so when the supervisor dies.
   */
  void start() {
    Thread.ofPlatform().daemon().name("runner " + program.runner()).start(this::loop);
  }

  private void loop() {
    Duration pause = times.firstPause();
    try {
      while (stopping.getCount() > 0) {
        long start = System.nanoTime();
        int code = once();
        if (stopping.getCount() == 0) {
          return;
        }
        boolean healthy = System.nanoTime() - start > times.healthy().toNanos();
        pause = healthy ? times.firstPause() : pause;
        steps.log(
            "gitlab-runner ended with "
                + code
                + "; it is started again in "
                + pause.toSeconds()
                + " s");
        if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(times.longestPause()) > 0 ? times.longestPause() : doubled;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      steps.log(
          "gitlab-runner is not started again, as Mayfly met what it did not expect ("
              + e
              + "): start mayfly run again, and report it");
    } finally {
      ended.complete(null);
    }
  }

  /** From its start to its end; -1 where it could not be started. */
  private int once() throws InterruptedException {
    try {
      if (!emptied()) {
        throw new IOException(
            "it is not started while others are in its cgroup "
                + group.path()
                + " ("
                + group.processes().size()
                + " processes), which do not end when they are killed: look what they wait for");
      }
      Set<String> secrets = steps.beforeStart();
      return run(secrets);
    } catch (IOException | UncheckedIOException e) {
      steps.log("gitlab-runner: " + e.getMessage());
      return -1;
    } finally {
      process = null;
      clearUp();
    }
  }

  /** Its end is that of the process, and not that of its log, which others can keep open. */
  private int run(Set<String> secrets) throws IOException, InterruptedException {
    if (!group.limitProcesses(program.mostProcesses())) {
      steps.log(
          "this host bounds no cgroup's processes (pids), so gitlab-runner may have any number");
    }
    try (NamedPipe output = NamedPipe.make(program.output())) {
      Process started = program.child().start(output.redirect());
      try {
        process = started;
        confine(started);
        output.handedOver();
        if (stopping.getCount() == 0) {
          started.destroyForcibly();
        }
        return logged(started, output, secrets);
      } finally {
        started.destroyForcibly();
      }
    }
  }

  private int logged(Process started, NamedPipe output, Set<String> secrets)
      throws IOException, InterruptedException {
    Thread log =
        Thread.ofPlatform()
            .daemon()
            .name("log of runner " + program.runner())
            .start(() -> log(output, secrets));
    int code = started.waitFor();
    var _ = emptied();
    if (!log.join(times.log())) {
      steps.log("somebody else holds gitlab-runner's log open; it is read no longer");
    }
    return code;
  }

  private void log(NamedPipe output, Set<String> secrets) {
    BoundedLines lines =
        new BoundedLines(
            LINE_LIMIT,
            (line, cut) ->
                steps.log(Printable.escaped(masked(line, secrets)) + (cut ? " (cut)" : "")));
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (output.read(buffer.clear()) >= 0) {
        lines.take(buffer.array(), buffer.position());
      }
    } catch (ClosedChannelException e) {
      // What came so far is the log.
    } catch (IOException e) {
      steps.log("the log of gitlab-runner can't be read: " + e.getMessage());
    }
    lines.end();
  }

  /** One that has ended already says why in its log. */
  private void confine(Process started) throws IOException {
    try {
      group.take(started.pid());
    } catch (IOException e) {
      if (started.isAlive()) {
        throw e;
      }
    }
  }

  private static String masked(String line, Set<String> secrets) {
    String safe = line;
    for (String secret : secrets) {
      safe = safe.replace(secret, "[token]");
    }
    return safe;
  }

  /** Ends what the runner left, its hooks before all, and its jobs whatever comes of that. */
  private void clearUp() throws InterruptedException {
    boolean alone = false;
    try {
      alone = emptied();
      if (!alone || !group.remove()) {
        steps.log(
            "the runner's cgroup " + group.path() + " could not be removed: see what is in it");
      }
    } catch (IOException | RuntimeException e) {
      steps.log("clear up behind gitlab-runner: " + e.getMessage());
    } finally {
      afterEnd(alone);
    }
  }

  private void afterEnd(boolean alone) {
    try {
      steps.afterEnd(alone);
    } catch (IOException | RuntimeException e) {
      steps.log("clear up behind gitlab-runner: " + e.getMessage());
    }
  }

  /**
   * Kills everything in the runner's cgroup.
   *
   * @return whether nothing is there any more
   */
  private boolean emptied() throws IOException, InterruptedException {
    long end = System.nanoTime() + times.end().toNanos();
    Set<Long> left = group.processes();
    while (!left.isEmpty() && System.nanoTime() < end) {
      group.kill();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(PAUSE.toNanos());
      left = group.processes();
    }
    return left.isEmpty();
  }

  /** Whether nothing of the runner's runs, nor will. */
  boolean isGone() throws IOException {
    return ended.isDone() && group.processes().isEmpty();
  }

  /** Lets it finish its jobs, and take no more. */
  void drain() {
    stopping.countDown();
    if (draining.compareAndSet(false, true)) {
      signal(SIGQUIT);
    }
  }

  /**
   * Has it end its jobs. What it was told before is to reach it first: a SIGQUIT that comes behind
   * a SIGTERM is a second one to it, for which it leaves its jobs as they are.
   */
  void stop() {
    stopping.countDown();
    awaitTaken(SIGQUIT);
    signal(SIGTERM);
  }

  private void awaitTaken(int number) {
    long end = System.nanoTime() + TAKEN_LIMIT.toNanos();
    Process running = process;
    while (running != null
        && System.nanoTime() < end
        && Processes.isSignalPending(running.pid(), number)) {
      LockSupport.parkNanos(TAKEN_PAUSE.toNanos());
    }
  }

  /** Ends it, whatever it does. */
  void kill() {
    stopping.countDown();
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }

  private void signal(int number) {
    Process running = process;
    if (running != null) {
      try {
        Processes.signal(running.pid(), number);
      } catch (IOException e) {
        steps.log("signal gitlab-runner: " + e.getMessage());
      }
    }
  }

  /**
   * Waits for its end.
   *
   * @param limit how long
   * @param sooner when to wait no longer
   * @return whether it has ended
   */
  boolean awaitEnd(Duration limit, CompletableFuture<Void> sooner) throws InterruptedException {
    try {
      CompletableFuture.anyOf(ended, sooner).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return ended.isDone();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return ended.isDone();
  }
}
