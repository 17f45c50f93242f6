package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.Processes;
import dev.mayfly.report.Report;
import dev.mayfly.report.Reports;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code mayfly run} with one runner of GitLab's, on the private engine unless it is told. */
final class GitLabDaemon implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String CGROUPS = "/sys/fs/cgroup";

  private final Path directory;
  private final Mayfly mayfly;
  private final Process process;
  private final List<String> log = new ArrayList<>();
  private final Thread reading;
  private final String runner;
  private final TestEngine engine;

  private GitLabDaemon(
      Path directory, String runner, TestEngine engine, Mayfly mayfly, Process process) {
    this.directory = directory;
    this.engine = engine;
    this.runner = runner;
    this.mayfly = mayfly;
    this.process = process;
    this.reading = Thread.ofVirtual().start(this::read);
  }

  /**
   * Starts it.
   *
   * @param directory an empty one of the test's own
   * @param runner its name
   * @param more further keys of its {@code gitlab}, each in a line of its own, and what the
   *     configuration has beside its runners
   */
  static GitLabDaemon start(Path directory, String runner, GitLabCoordinator gitlab, More more)
      throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path program =
        GitLabRunner.install(
                Files.createDirectories(directory.resolve("program")), GitLabRunner.Build.QUICK)
            .file();
    Path token = directory.resolve("token");
    if (!Files.exists(token)) {
      Files.createFile(
          token,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(token, GitLabCoordinator.RUNNER_TOKEN + "\n");
    }
    Mayfly mayfly =
        Mayfly.on(
            more.engine,
            directory,
            """
            %s
            runners:
              - name: %s
                slots: %d
                warm: %d
                gitlab:
                  url: %s
                  token-file: %s
                  binary: %s
                  stop-grace: 2s
                  global: {check_interval: 1}
            %s"""
                .formatted(
                    more.beside,
                    runner,
                    more.slots,
                    more.warm,
                    gitlab.url(),
                    token,
                    program,
                    more.gitlab.indent(6)));
    Process process =
        mayfly.start(
            List.of(
                "run",
                "--config",
                mayfly.config().toString(),
                "--socket",
                directory.resolve("mayfly.sock").toString()));
    GitLabDaemon daemon = new GitLabDaemon(directory, runner, more.engine, mayfly, process);
    daemon.awaitLog("listening on");
    return daemon;
  }

  /**
   * What a test wants beside the usual.
   *
   * @param gitlab lines for the section of that name
   * @param beside lines for the top of the configuration
   */
  record More(TestEngine engine, int slots, int warm, String gitlab, String beside) {
    static final More NONE = new More(TestEngine.PRIVATE, 2, 0, "", "");

    More on(TestEngine other) {
      return new More(other, slots, warm, gitlab, beside);
    }

    More withSlots(int other) {
      return new More(engine, other, warm, gitlab, beside);
    }

    More withWarm(int other) {
      return new More(engine, slots, other, gitlab, beside);
    }

    More withBeside(String other) {
      return new More(engine, slots, warm, gitlab, other);
    }

    More withGitLab(String other) {
      return new More(engine, slots, warm, other, beside);
    }
  }

  private void read() {
    try (BufferedReader lines = process.errorReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      add("the log can't be read: " + e);
    }
  }

  private synchronized void add(String line) {
    log.add(line);
    notifyAll();
  }

  /** What it has said so far. */
  synchronized String log() {
    return String.join("\n", log);
  }

  /** Waits until it has said so. */
  synchronized void awaitLog(String text) {
    long end = System.nanoTime() + LIMIT.toNanos();
    try {
      while (log.stream().noneMatch(line -> line.contains(text))) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0 || !process.isAlive()) {
          throw new AssertionError("it did not say \"" + text + "\" but:\n" + log());
        }
        wait(Math.min(left, 100));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  Process process() {
    return process;
  }

  /** The processes of its runner: gitlab-runner and the hooks that it calls. */
  List<Long> runnerProcesses() {
    return cgroups().stream().findFirst().map(GitLabDaemon::members).orElse(List.of());
  }

  /** The runner's group in each hierarchy. */
  private List<Path> cgroups() {
    try (Stream<Path> groups = Files.walk(Path.of(CGROUPS), 3)) {
      return groups.filter(path -> path.endsWith("mayfly-runners/" + runner)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What its runner has for itself. */
  Path runnerDirectory() {
    return Path.of("/run/mayfly/runners/" + runner);
  }

  /** Has a shell do what the runner could, where the runner is, and with the same output. */
  void inRunnersCgroup(String script) throws IOException, InterruptedException {
    long running = runnerProcess("gitlab-runner run").orElseThrow();
    String join =
        cgroups().stream()
            .map(group -> "echo $$ >" + group.resolve("cgroup.procs") + " && ")
            .collect(Collectors.joining());
    File output = Path.of("/proc/" + running + "/fd/1").toFile();
    Process shell =
        new ProcessBuilder("sh", "-c", join + script)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output))
            .start();
    assertThat(shell.waitFor()).isZero();
  }

  private static List<Long> members(Path group) {
    try {
      return Files.readAllLines(group.resolve("cgroup.procs")).stream().map(Long::valueOf).toList();
    } catch (IOException e) {
      return List.of(); // It went away.
    }
  }

  /** The process of its runner that has this in its command line. */
  Optional<Long> runnerProcess(String part) {
    return runnerProcesses().stream().filter(pid -> commandLine(pid).contains(part)).findFirst();
  }

  /**
   * The hook that a job waits for now.
   *
   * @param call its last argument: {@code prepare}, or a stage
   */
  Optional<Long> hook(OfferedJob job, String call) {
    return runnerProcesses().stream()
        .filter(pid -> commandLine(pid).endsWith(" " + call + " "))
        .filter(pid -> told(pid, "environ").contains(" CUSTOM_ENV_CI_JOB_ID=" + job.id() + " "))
        .findFirst();
  }

  private static String commandLine(long pid) {
    return told(pid, "cmdline");
  }

  /** What the kernel tells of a process, with spaces for the ends of its parts. */
  private static String told(long pid, String what) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/" + what), StandardCharsets.ISO_8859_1)
          .replace('\0', ' ');
    } catch (IOException e) {
      return ""; // It went away.
    }
  }

  /** Waits for something that comes by itself. */
  static <T> T await(String what, Supplier<Optional<T>> condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < end) {
      Optional<T> value = condition.get();
      if (value.isPresent()) {
        return value.get();
      }
      Thread.onSpinWait();
    }
    throw new AssertionError(what + " did not come within " + LIMIT);
  }

  static void kill(long pid) throws IOException {
    Processes.signal(pid, 9);
  }

  /** The report of a job, once it is written. */
  Report report(OfferedJob job) {
    return await(
        "the report of job " + job.id(),
        () ->
            reports().stream()
                .filter(report -> report.job().id().equals(Long.toString(job.id())))
                .findFirst());
  }

  List<Report> reports() {
    List<Report> reports = new ArrayList<>();
    try (Stream<Path> all = Files.list(mayfly.reports())) {
      for (Path one : all.toList()) {
        Path file = one.resolve("report.json");
        if (Files.exists(file)) {
          reports.add(Reports.parse(Files.readString(file)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return reports;
  }

  /** The text of every report, as it lies on the disk. */
  String reportTexts() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> all = Files.walk(mayfly.reports())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  /** As a service manager does. */
  void tellToStop() {
    process.toHandle().destroy(); // Process.destroy would close its log, too.
  }

  /** Tells it to stop and waits until it has. */
  void stop() {
    tellToStop();
    awaitEnd();
  }

  /** Waits until it has ended by what it was told. */
  void awaitEnd() {
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(log()).isTrue();
      reading.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Stops it where it runs, and looks that nothing is left. */
  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
      assertThat(process.exitValue()).as(log()).isZero();
    }
    assertThat(Leftovers.of(engine.socket(), directory.resolve("state"))).isEmpty();
    assertThat(runnerProcesses()).isEmpty();
    assertThat(runnerDirectory()).doesNotExist();
    assertThat(Path.of("/run/mayfly/runners/" + runner + ".sock")).doesNotExist();
  }
}
