package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.ok;
import static dev.mayfly.cli.Diagnosis.weak;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.linux.Account;
import dev.mayfly.runner.gitlab.GitLabFront;
import dev.mayfly.runner.gitlab.RunnerAccounts;
import dev.mayfly.runners.RunnerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Looks whether the configuration's runners can be started. */
final class RunnersDoctor {
  private final MayflyConfig config;
  private final Hook hook;

  /** Where the program is that runners call. */
  interface Hook {
    Path path() throws IOException;
  }

  RunnersDoctor(MayflyConfig config, Hook hook) {
    this.config = config;
    this.hook = hook;
  }

  List<Diagnosis> examine() {
    return config.runners().stream().map(this::examine).toList();
  }

  private Optional<String> objection(RunnerConfig runner) {
    try {
      var _ = hook.path();
      Account account = RunnerAccounts.of(config.runners(), runner);
      return GitLabFront.objection(runner, account, config.stateDir());
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Diagnosis examine(RunnerConfig runner) {
    String subject = "runner " + runner.name();
    return objection(runner)
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
