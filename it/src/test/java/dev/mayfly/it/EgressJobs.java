package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests with jobs that try to get out, into a world made for them. */
@ExtendWith(EgressWorld.Shared.class)
abstract class EgressJobs {
  final EgressWorld world;
  final Path directory;
  Path probe = Path.of("");

  EgressJobs(EgressWorld world, Path directory) {
    this.world = world;
    this.directory = directory;
  }

  @BeforeEach
  void makeProbe() {
    probe = EgressAttempts.probeIn(directory.resolve("probe"));
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  /** Makes attempts as a job. */
  EgressAttempts tried(Mayfly mayfly, String policy, String... attempts) {
    return EgressAttempts.ofJob(mayfly, policy, probe, attempts);
  }

  /** Starts a job that has the probe. */
  RunningExec start(Mayfly mayfly, String policy, String... command) throws IOException {
    return new RunningExec(
        mayfly.start(mayfly.execLine(EgressAttempts.options(policy, probe), command)));
  }
}
