package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.ok;
import static dev.mayfly.cli.Diagnosis.weak;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.runner.gitlab.GitLabFront;
import dev.mayfly.runners.RunnerConfig;
import java.util.List;

/** Looks whether the configuration's runners can be started. */
final class RunnersDoctor {
  private final MayflyConfig config;

  RunnersDoctor(MayflyConfig config) {
    this.config = config;
  }

  List<Diagnosis> examine() {
    return config.runners().stream().map(this::examine).toList();
  }

  private Diagnosis examine(RunnerConfig runner) {
    String subject = "runner " + runner.name();
    return GitLabFront.objection(runner, config.stateDir())
        .map(
            why ->
                weak(subject, why, "mayfly run does not start", "mend that, then start mayfly run"))
        .orElseGet(
            () ->
                ok(
                    subject,
                    "%s, %d at once, for %s"
                        .formatted(
                            runner.gitlab().binary().path(),
                            runner.slots(),
                            runner.gitlab().url())));
  }
}
