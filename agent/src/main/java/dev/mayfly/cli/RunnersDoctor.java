package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.ok;
import static dev.mayfly.cli.Diagnosis.weak;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.linux.Account;
import dev.mayfly.policy.Policy;
import dev.mayfly.runner.gitlab.GitLabFront;
import dev.mayfly.runner.gitlab.RunnerAccounts;
import dev.mayfly.runners.RunnerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    List<Diagnosis> all = new ArrayList<>(config.runners().stream().map(this::examine).toList());
    if (!config.runners().isEmpty()) {
      config.policies().forEach(policy -> images(policy).ifPresent(all::add));
    }
    return all;
  }

  private static Optional<Diagnosis> images(Policy policy) {
    boolean all = policy.images().allow().isEmpty() || policy.images().services().isEmpty();
    return policy.secrets().allow().isPresent() && all
        ? Optional.of(
            weak(
                "policy " + policy.name(),
                "it withholds secrets (secrets.allow), and jobs may name any image",
                "registries learn the names that they are asked for, and who writes a job can put parts"
                    + " of a secret there that Mayfly does not know again",
                "list them in images.allow and images.services of the policy"))
        : Optional.empty();
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
