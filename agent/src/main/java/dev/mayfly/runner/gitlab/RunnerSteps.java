package dev.mayfly.runner.gitlab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/** What surrounds each run of gitlab-runner. */
final class RunnerSteps implements RunnerProcess.Steps {
  private final RunnerHome home;
  private final Programs programs;
  private final GitLabHooks hooks;
  private final Consumer<String> log;
  private String digest;

  /**
   * What the host runs for it.
   *
   * @param hook that gitlab-runner calls
   * @param digest that gitlab-runner had when it was last looked at
   */
  record Programs(Renewal renewal, Path hook, String digest) {}

  /** Looks at gitlab-runner, and copies it, once more. */
  interface Renewal {
    RunnerTools copy() throws IOException;
  }

  RunnerSteps(RunnerHome home, Programs programs, GitLabHooks hooks, Consumer<String> log) {
    this.home = home;
    this.programs = programs;
    this.hooks = hooks;
    this.log = log;
    this.digest = programs.digest();
  }

  @Override
  public Set<String> beforeStart() throws IOException {
    String now = programs.renewal().copy().digest();
    if (!now.equals(digest)) {
      log.accept("gitlab-runner is another one now, " + now + ", for jobs, too");
      digest = now;
    }
    home.fill(programs.hook());
    return home.secrets();
  }

  @Override
  public void afterEnd(boolean alone) throws IOException {
    try {
      if (alone) {
        home.keep();
      }
    } finally {
      try {
        hooks.endAll();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        if (alone) {
          home.removeDirectory();
        }
      }
    }
  }

  @Override
  public void log(String line) {
    log.accept(line);
  }
}
