package dev.mayfly.runner.gitlab;

import dev.mayfly.job.Printable;
import dev.mayfly.linux.Account;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * gitlab-runner as a child without any privilege, in a cgroup of its own. Started again when it
 * ends by itself, later each time.
 */
final class RunnerProcess {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** Who ran so long did not fail at its start. */
  private static final Duration HEALTHY = Duration.ofMinutes(1);

  private static final Duration EMPTY_LIMIT = Duration.ofSeconds(10);

  /** How long a signal may wait for a process that does not run. */
  private static final Duration TAKEN_LIMIT = Duration.ofSeconds(1);

  private static final Duration TAKEN_PAUSE = Duration.ofMillis(1);
  private static final int SIGQUIT = 3;
  private static final int SIGTERM = 15;

  /** What of the supervisor's environment the runner needs to reach its server. */
  private static final List<String> PASSED_ON =
      List.of(
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "TZ");

  private final Program program;
  private final Cgroup group;
  private final Steps steps;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final AtomicBoolean draining = new AtomicBoolean();
  private volatile @Nullable Process process;

  /**
   * What is run.
   *
   * @param secrets that its log must not have
   */
  record Program(
      String runner,
      Path binary,
      Path home,
      Path config,
      Path temporary,
      Account account,
      Set<String> secrets) {}

  /** What is done before each start and after each end. */
  interface Steps {
    void beforeStart() throws IOException;

    void afterEnd() throws IOException;

    void log(String line);
  }

  RunnerProcess(Program program, Cgroup group, Steps steps) {
    this.program = program;
    this.group = group;
    this.steps = steps;
  }

  /**
   * Starts it, on a thread of its own that lasts as long: the kernel ends the child when the thread
   * that made it is gone (PR_SET_PDEATHSIG, prctl(2)), and so when the supervisor dies.
   */
  void start() {
    Thread.ofPlatform().daemon().name("runner " + program.runner()).start(this::loop);
  }

  private void loop() {
    Duration pause = FIRST_PAUSE;
    try {
      while (stopping.getCount() > 0) {
        long start = System.nanoTime();
        int code = once();
        if (stopping.getCount() == 0) {
          return;
        }
        boolean healthy = System.nanoTime() - start > HEALTHY.toNanos();
        pause = healthy ? FIRST_PAUSE : pause;
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
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.complete(null);
    }
  }

  /** From its start to its end; -1 where it could not be started. */
  private int once() throws InterruptedException {
    try {
      steps.beforeStart();
      Process started = spawn();
      process = started;
      confine(started);
      if (stopping.getCount() == 0) {
        started.destroyForcibly();
      }
      Consumer<String> log = line -> steps.log(Printable.escaped(masked(line)));
      try (BufferedReader lines = started.inputReader()) {
        lines.lines().forEach(log);
      }
      return started.waitFor();
    } catch (IOException | UncheckedIOException e) {
      steps.log("gitlab-runner: " + e.getMessage());
      return -1;
    } finally {
      process = null;
      clearUp();
    }
  }

  /** One that has ended already says why in its log. */
  private void confine(Process started) throws IOException {
    try {
      group.take(started.pid());
    } catch (IOException e) {
      if (started.isAlive()) {
        started.destroyForcibly();
        throw e;
      }
    }
  }

  private Process spawn() throws IOException {
    Account account = program.account();
    ProcessBuilder builder =
        new ProcessBuilder(
            "setpriv",
            "--reuid=" + account.uid(),
            "--regid=" + account.gid(),
            "--clear-groups",
            "--inh-caps=-all",
            "--bounding-set=-all",
            "--no-new-privs",
            "--pdeathsig=TERM",
            "--",
            program.binary().toString(),
            "run",
            "--config",
            program.config().toString(),
            "--working-directory",
            program.home().toString());
    builder.directory(program.home().toFile()).redirectErrorStream(true);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Map<String, String> before = new HashMap<>(builder.environment());
    Map<String, String> environment = builder.environment();
    environment.clear();
    PASSED_ON.forEach(
        name -> Optional.ofNullable(before.get(name)).ifPresent(its -> environment.put(name, its)));
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("HOME", program.home().toString());
    environment.put("USER", account.name());
    environment.put("LANG", "C.UTF-8");
    environment.put("TMPDIR", program.temporary().toString());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IOException(
          "setpriv can't be started ("
              + e.getMessage()
              + "): install util-linux, and look whether "
              + program.binary()
              + " is there",
          e);
    }
  }

  private String masked(String line) {
    String safe = line;
    for (String secret : program.secrets()) {
      safe = safe.replace(secret, "[token]");
    }
    return safe;
  }

  /** Ends what the runner left, its hooks before all. */
  private void clearUp() throws InterruptedException {
    try {
      long end = System.nanoTime() + EMPTY_LIMIT.toNanos();
      Set<Long> left = group.processes();
      while (!left.isEmpty() && System.nanoTime() < end) {
        for (long pid : left) {
          Optional<ProcessHandle> handle = ProcessHandle.of(pid);
          handle.ifPresent(ProcessHandle::destroyForcibly);
          if (handle.isPresent()) {
            handle.get().onExit().orTimeout(1, TimeUnit.SECONDS).exceptionally(_ -> null).join();
          }
        }
        left = group.processes();
      }
      if (!group.remove()) {
        steps.log(
            "the runner's cgroup " + group.path() + " could not be removed: see what is in it");
      }
      steps.afterEnd();
    } catch (IOException | RuntimeException e) {
      steps.log("clear up behind gitlab-runner: " + e.getMessage());
    }
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
