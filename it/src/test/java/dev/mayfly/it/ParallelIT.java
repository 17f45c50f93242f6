package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.SandboxId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several supervisors on one engine with one state-dir, each of which looks for strays as it
 * starts.
 */
final class ParallelIT {
  private static final int LONG_JOBS = 4;
  private static final int SHORT_JOBS = 8;
  private static final int SIGKILL = 9;

  private final Path directory;
  private final Mayfly mayfly;
  private final List<RunningExec> started = new ArrayList<>();

  ParallelIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    started.forEach(RunningExec::close);
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private RunningExec start(String script, int number) throws IOException {
    RunningExec exec = mayfly.startExec("sh", "-c", script, "job", Integer.toString(number));
    started.add(exec);
    return exec;
  }

  private Set<String> sandboxes() throws IOException {
    try (Stream<Path> homes = Files.list(directory.resolve("state/sandboxes"))) {
      return homes
          .map(home -> home.getFileName().toString())
          .filter(name -> SandboxId.parse(name).isPresent())
          .collect(Collectors.toSet());
    }
  }

  @Test
  void endsEachJobWithItsOwnResultAndDestroysOnlyWhatADeadSupervisorLeft()
      throws IOException, InterruptedException {
    List<RunningExec> longJobs = new ArrayList<>();
    for (int i = 0; i < LONG_JOBS; i++) {
      longJobs.add(start("echo ready; read word; echo \"long $1 $word\"; exit $((10 + $1))", i));
    }
    for (RunningExec job : longJobs) {
      job.awaitLine("ready");
    }
    Set<String> live = sandboxes();
    RunningExec victim = start("echo ready; read _", 99);
    victim.awaitLine("ready");
    Set<String> added = new HashSet<>(sandboxes());
    added.removeAll(live);
    assertThat(live).hasSize(LONG_JOBS);
    assertThat(added).hasSize(1);

    List<RunningExec> shortJobs = new ArrayList<>();
    for (int i = 0; i < SHORT_JOBS; i++) {
      if (i == SHORT_JOBS / 2) {
        victim.signal(SIGKILL);
      }
      shortJobs.add(start("echo \"short $1\"; exit $((20 + $1))", i));
    }
    Set<String> messages = new HashSet<>();
    for (int i = 0; i < SHORT_JOBS; i++) {
      Mayfly.Result result = shortJobs.get(i).await();
      assertThat(result.stdout()).as(result.stderr()).isEqualTo("short " + i + "\n");
      assertThat(result.exitCode()).as(result.stderr()).isEqualTo(20 + i);
      result.stderr().lines().forEach(messages::add);
    }
    assertThat(sandboxes()).containsAll(live);
    mayfly.exec("true").stderr().lines().forEach(messages::add);

    assertThat(messages)
        .singleElement()
        .asString()
        .startsWith(
            "mayfly: sandbox "
                + added.iterator().next()
                + ", lost by a supervisor that died, was destroyed: container ");
    for (int i = 0; i < LONG_JOBS; i++) {
      longJobs.get(i).input(("word" + i + "\n").getBytes(StandardCharsets.UTF_8));
      longJobs.get(i).endInput();
      Mayfly.Result result = longJobs.get(i).await();
      assertThat(result.stdout()).isEqualTo("long " + i + " word" + i + "\n");
      assertThat(result.stderr()).isEmpty();
      assertThat(result.exitCode()).isEqualTo(10 + i);
    }
  }
}
