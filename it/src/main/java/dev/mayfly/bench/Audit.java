package dev.mayfly.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Linux audit with rules for the system calls that peers of Mayfly watch by it, and its daemon as
 * the distribution has set it up, but for where it writes, and that it does not look up the names
 * of users: most of those in sandboxes have none, which takes it long. In force between {@link
 * #start} and {@link #stop}.
 */
final class Audit implements AutoCloseable {
  private static final Path SETTINGS = Path.of("/etc/audit/auditd.conf");

  /** Is there as long as audit is taken: packaging/benchmark looks for it. */
  private static final String OWN_SETTINGS = "auditd.conf";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** As audit.rules of the package has it. */
  private static final long BACKLOG = 8192;

  private static final List<List<String>> RULES =
      List.of(
          rule("b64", "execve,execveat"),
          rule("b32", "execve,execveat"),
          rule("b64", "connect"),
          rule("b32", "connect"));

  /**
   * Once audit was on, the kernel prepares every new process for it, which makes all its system
   * calls slower until the next boot: but not where there is this rule.
   */
  private static final String SPARE = "-a never,task";

  private final Path directory;
  private final Before before;
  private @Nullable Process daemon;
  private long lost;

  private Audit(Path directory, Before before) {
    this.directory = directory;
    this.before = before;
  }

  /**
   * How it was before.
   *
   * @param spared whether new processes were not prepared for it, as they are not where it never
   *     was on
   */
  private record Before(long enabled, long backlog, boolean spared) {
    static Before now() throws IOException {
      long enabled = status("enabled");
      return new Before(
          enabled, status("backlog_limit"), enabled == 0 || control("-l").strip().equals(SPARE));
    }
  }

  private static List<String> rule(String architecture, String calls) {
    return List.of("-a", "always,exit", "-F", "arch=" + architecture, "-S", calls);
  }

  /**
   * Tries whether it can be had here.
   *
   * @return why not; empty where it can
   */
  static Optional<String> refused() {
    try {
      long pid = status("pid");
      if (pid != 0) {
        return Optional.of("process " + pid + " has it");
      }
      String rules = control("-l").strip();
      return rules.equals("No rules") || rules.equals(SPARE)
          ? Optional.empty()
          : Optional.of("it has rules: " + rules);
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Takes it.
   *
   * @param directory for files of its own
   */
  static Audit take(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("plugins"));
    Files.writeString(
        directory.resolve(OWN_SETTINGS),
        Files.readString(SETTINGS)
            .replaceAll("(?m)^log_format *=.*", "log_format = RAW")
            .replaceAll("(?m)^log_file *=.*", "log_file = " + directory.resolve("audit.log"))
            .replaceAll("(?m)^plugin_dir *=.*", "plugin_dir = " + directory.resolve("plugins")));
    Audit audit = new Audit(directory, Before.now());
    spareNewProcesses();
    return audit;
  }

  private static long status(String field) throws IOException {
    return control("-s")
        .lines()
        .map(line -> line.split(" ", 3))
        .filter(fields -> fields[0].equals(field))
        .findFirst()
        .map(fields -> Long.valueOf(fields[1]))
        .orElseThrow(() -> new IOException("auditctl -s does not tell " + field));
  }

  /** Runs auditctl. */
  private static String control(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("auditctl"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.onExit().join().exitValue();
    if (code != 0) {
      throw new IOException(
          String.join(" ", command) + " exited with " + code + ": " + said.strip());
    }
    return said;
  }

  /** Begins to audit. What runs already goes on without. */
  void start() throws IOException {
    control("-D");
    control("-b", Long.toString(BACKLOG));
    for (List<String> rule : RULES) {
      control(rule.toArray(new String[0]));
    }
    Process started =
        new ProcessBuilder("auditd", "-n", "-s", "enable", "-c", directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("auditd.out").toFile())
            .start();
    daemon = started;
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (status("pid") != started.pid()) {
      if (!started.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(
            "auditd does not start: " + Files.readString(directory.resolve("auditd.out")));
      }
    }
  }

  /** What the daemon has used of the processors since it was started. */
  Duration processorTime() throws IOException {
    if (daemon == null) {
      throw new IOException("auditd does not run");
    }
    return daemon.info().totalCpuDuration().orElseThrow();
  }

  /** Ends it, once all is written. */
  void stop() throws IOException {
    if (daemon != null) {
      control("-e", "0");
      lost += status("lost");
      control("--reset-lost");
      daemon.destroy();
      daemon.onExit().join();
      daemon = null;
    }
    spareNewProcesses();
  }

  private static void spareNewProcesses() throws IOException {
    control("-D");
    control(SPARE.split(" ", -1));
  }

  /** Records that the kernel could not hand out. */
  long lost() {
    return lost;
  }

  /** Leaves it as it was, and new processes spared that were so before. */
  @Override
  public void close() throws IOException {
    stop();
    if (!before.spared()) {
      control("-D");
    }
    control("-b", Long.toString(before.backlog()));
    control("-e", Long.toString(before.enabled()));
    Files.delete(directory.resolve(OWN_SETTINGS));
  }
}
