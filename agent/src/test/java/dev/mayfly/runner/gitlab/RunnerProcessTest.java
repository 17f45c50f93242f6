package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.NoCgroups;
import dev.mayfly.linux.SampleCgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A runner that does what it wants, without an account or a cgroup of its own. */
@Timeout(60)
final class RunnerProcessTest {
  private static final RunnerProcess.Times QUICK =
      new RunnerProcess.Times(
          Duration.ofMillis(1),
          Duration.ofMillis(5),
          Duration.ofMinutes(1),
          Duration.ofMillis(50),
          Duration.ofMillis(50));
  private static final CompletableFuture<Void> NEVER = new CompletableFuture<>();
  private static final Cgroup NONE = NoCgroups.make().at("/runner");

  private final Path directory;
  private final Steps steps = new Steps();
  private RunnerProcess runner;

  RunnerProcessTest(@TempDir Path directory) {
    this.directory = directory;
    this.runner = runner(NONE, "exit 0");
  }

  /** What the supervisor would do. */
  private static final class Steps implements RunnerProcess.Steps {
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final BlockingQueue<Boolean> ends = new LinkedBlockingQueue<>();
    private volatile Runnable before = () -> {};

    @Override
    public Set<String> beforeStart() throws IOException {
      before.run();
      return Set.of("glrt-secret");
    }

    @Override
    public void afterEnd(boolean alone) {
      ends.add(alone);
    }

    @Override
    public void log(String line) {
      log.add(line);
    }

    /** The next line of the log that is one. */
    String line(Predicate<String> wanted) throws InterruptedException {
      while (true) {
        String line = log.poll(30, TimeUnit.SECONDS);
        if (line == null) {
          throw new AssertionError("there was no such line");
        }
        if (wanted.test(line)) {
          return line;
        }
      }
    }

    String line(String start) throws InterruptedException {
      return line(line -> line.startsWith(start));
    }
  }

  private RunnerProcess runner(Cgroup group, String script) {
    return new RunnerProcess(
        new RunnerProcess.Program(
            "gl",
            output ->
                new ProcessBuilder("sh", "-c", script)
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start(),
            directory.resolve("output"),
            100),
        group,
        steps,
        QUICK);
  }

  private void start(Cgroup group, String script) {
    runner = runner(group, script);
    runner.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    runner.kill();
    runner.awaitEnd(Duration.ofSeconds(30), NEVER);
  }

  private boolean isOver() throws InterruptedException {
    return runner.awaitEnd(Duration.ofSeconds(30), NEVER);
  }

  @Test
  void saysWhatItPrintsAndStartsItAgain() throws Exception {
    start(NONE, "echo hello; printf 'the \\033[31mend of glrt-secret'; exit 3");

    for (int i = 0; i < 2; i++) {
      assertThat(steps.line("hello")).isEqualTo("hello");
      assertThat(steps.line("the")).isEqualTo("the \\x1b[31mend of [token]");
      assertThat(steps.line("gitlab-runner ended")).contains("ended with 3; it is started again");
      assertThat(steps.ends.poll(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void endsWithItsProcessThoughAnotherHoldsItsLogOpen() throws Exception {
    start(NONE, "sleep 1000 & echo $!; exit 3");

    String left = steps.line(line -> line.matches("[0-9]+"));
    try {
      assertThat(steps.line("gitlab-runner ended")).contains("ended with 3");
      assertThat(steps.ends.poll(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      end();
      kill(left);
      steps.log.stream().filter(line -> line.matches("[0-9]+")).forEach(RunnerProcessTest::kill);
    }
  }

  private static void kill(String pid) {
    ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void cutsALineThatDoesNotEnd() throws Exception {
    start(NONE, "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo next; exec sleep 1000");

    assertThat(steps.line("xxx")).isEqualTo("x".repeat(512) + "… (cut)");
    assertThat(steps.line("next")).isEqualTo("next");
  }

  @Test
  void isNotStartedAgainAfterAnErrorAndSaysSo() throws Exception {
    steps.before =
        () -> {
          throw new OutOfMemoryError("played");
        };
    start(NONE, "exit 0");

    assertThat(isOver()).isTrue();
    assertThat(steps.line("gitlab-runner is not"))
        .isEqualTo(
            "gitlab-runner is not started again, as Mayfly met what it did not expect"
                + " (java.lang.OutOfMemoryError: played): start mayfly run again, and report it");
    assertThat(steps.ends).containsExactly(true);
  }

  @Test
  void isTriedAgainWhereItCanNotBeStarted() throws Exception {
    steps.before =
        () -> {
          throw new UncheckedIOException(new IOException("no token"));
        };
    start(NONE, "exit 0");

    assertThat(steps.line("gitlab-runner: ")).contains("no token");
    assertThat(steps.line("gitlab-runner ended")).contains("ended with -1");
    assertThat(steps.line("gitlab-runner: ")).contains("no token");
  }

  /** What is in its cgroup could change its files while root handles them. */
  @Test
  void waitsWithEverythingWhileSomethingIsInItsCgroup() throws Exception {
    Path group = Files.createDirectories(directory.resolve("cgroup/runner"));
    Files.createFile(group.resolve("cgroup.kill"));
    CompletableFuture<Void> begun = new CompletableFuture<>();
    steps.before = () -> begun.complete(null);
    start(SampleCgroups.unified(directory.resolve("cgroup")).at("/runner"), "exit 0");

    assertThat(steps.ends.poll(30, TimeUnit.SECONDS)).isFalse();
    assertThat(group.resolve("cgroup.kill")).hasContent("1");
    assertThat(begun).isDone();
    steps.before = () -> steps.log.add("begun again");
    assertThat(steps.line("gitlab-runner: "))
        .isEqualTo(
            "gitlab-runner: it is not started while others are in its cgroup /runner (1 processes),"
                + " which do not end when they are killed: look what they wait for");
    assertThat(steps.log).doesNotContain("begun again");
    assertThat(steps.ends.poll(30, TimeUnit.SECONDS)).isFalse();

    Files.writeString(group.resolve("cgroup.procs"), "");
    assertThat(steps.line("begun again")).isNotEmpty();
  }
}
