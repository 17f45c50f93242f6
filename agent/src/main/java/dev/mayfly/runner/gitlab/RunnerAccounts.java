package dev.mayfly.runner.gitlab;

import dev.mayfly.linux.Account;
import dev.mayfly.runners.RunnerConfig;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Who each runner of a configuration runs as: the account that it names, or a number of its own.
 * What runs as somebody may read what is theirs and call their hooks, so two runners are the same
 * one only where both say so.
 */
public final class RunnerAccounts {
  private RunnerAccounts() {}

  /**
   * The accounts by the names of the runners.
   *
   * @throws IOException with cause and remedy, where one can't have its own
   */
  public static Map<String, Account> of(List<RunnerConfig> runners) throws IOException {
    return of(runners, Account::named);
  }

  /** Finds accounts by their names. */
  interface Lookup {
    Optional<Account> named(String name) throws IOException;
  }

  static Map<String, Account> of(List<RunnerConfig> runners, Lookup lookup) throws IOException {
    Map<String, Account> accounts = new LinkedHashMap<>();
    Map<Integer, RunnerConfig> owners = new HashMap<>();
    for (RunnerConfig runner : runners) {
      Optional<Account> named = named(runner, lookup);
      if (named.isPresent()) {
        RunnerConfig before = owners.putIfAbsent(named.get().uid(), runner);
        if (before != null && !before.gitlab().user().equals(runner.gitlab().user())) {
          throw new IOException(
              "runners %s and %s are the same to the host: accounts %s and %s both have the number %d; give each an account of its own, or leave gitlab.user out"
                  .formatted(
                      before.name(),
                      runner.name(),
                      before.gitlab().user().orElse(""),
                      named.get().name(),
                      named.get().uid()));
        }
        accounts.put(runner.name(), named.get());
      }
    }
    Set<Integer> taken = new HashSet<>(owners.keySet());
    for (RunnerConfig runner : runners) {
      if (!accounts.containsKey(runner.name())) {
        Account own = Account.without("mayfly runner " + runner.name(), taken);
        taken.add(own.uid());
        accounts.put(runner.name(), own);
      }
    }
    return accounts;
  }

  /** The account of one of them. */
  public static Account of(List<RunnerConfig> runners, RunnerConfig one) throws IOException {
    return Objects.requireNonNull(of(runners).get(one.name()));
  }

  private static Optional<Account> named(RunnerConfig runner, Lookup lookup) throws IOException {
    if (runner.gitlab().user().isEmpty()) {
      return Optional.empty();
    }
    String name = runner.gitlab().user().get();
    Account account =
        lookup
            .named(name)
            .orElseThrow(
                () ->
                    new IOException(
                        "there is no account "
                            + name
                            + " for runner "
                            + runner.name()
                            + ": make it with useradd --system "
                            + name
                            + ", or leave gitlab.user out"));
    if (account.uid() == 0) {
      throw new IOException(
          "runner "
              + runner.name()
              + " would own the host as user "
              + name
              + ": name another account, or leave gitlab.user out");
    }
    return Optional.of(account);
  }
}
