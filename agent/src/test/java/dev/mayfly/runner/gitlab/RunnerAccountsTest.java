package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.Account;
import dev.mayfly.runners.RunnerConfig;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nobody runs as another runner by chance. */
final class RunnerAccountsTest {
  private static final Map<String, Account> PASSWD =
      Map.of(
          "ci", new Account("ci", 998, 998),
          "ci-2", new Account("ci-2", 997, 997),
          "alias", new Account("alias", 998, 998),
          "toor", new Account("toor", 0, 0));

  private static RunnerConfig runner(String name) {
    return SampleRunner.runner(name, Optional.empty());
  }

  private static RunnerConfig runner(String name, String user) {
    return SampleRunner.runner(name, Optional.of(user));
  }

  private static Map<String, Account> accounts(RunnerConfig... runners) throws IOException {
    return RunnerAccounts.of(List.of(runners), name -> Optional.ofNullable(PASSWD.get(name)));
  }

  @Test
  void givesEachANumberOfItsOwn() throws IOException {
    Map<String, Account> accounts = accounts(runner("a"), runner("b"), runner("c"));

    assertThat(accounts.values().stream().map(Account::uid).distinct()).hasSize(3);
    assertThat(accounts.values())
        .allSatisfy(account -> assertThat(account.uid()).isBetween(61_184, 65_519));
  }

  /** Also where the host has the account that gitlab-runner's package makes. */
  @Test
  void givesNobodyTheAccountOfThePackageUnasked() throws IOException {
    RunnerConfig runner = runner("a");
    assertThat(
            RunnerAccounts.of(
                List.of(runner), _ -> Optional.of(new Account("gitlab-runner", 999, 999))))
        .containsEntry("a", Account.without("mayfly runner a", Set.of()));
  }

  @Test
  void givesEachItsOwnWhereTheirNamesComeToTheSameNumber() throws IOException {
    Map<Integer, String> seen = new HashMap<>();
    for (int i = 0; ; i++) {
      String name = "gl-" + i;
      String same = seen.put(Account.without("mayfly runner " + name, Set.of()).uid(), name);
      if (same != null) {
        Map<String, Account> accounts = accounts(runner(same), runner(name));
        assertThat(accounts.get(same)).isNotEqualTo(accounts.get(name));
        return;
      }
    }
  }

  @Test
  void givesNobodyTheNumberOfOneThatIsNamed() throws IOException {
    Account first = Account.without("mayfly runner a", Set.of());
    Map<String, Account> accounts =
        RunnerAccounts.of(
            List.of(runner("a"), runner("b", "x")),
            _ -> Optional.of(new Account("x", first.uid(), first.gid())));

    assertThat(accounts.get("b")).extracting(Account::uid).isEqualTo(first.uid());
    assertThat(accounts.get("a")).extracting(Account::uid).isNotEqualTo(first.uid());
  }

  @Test
  void letsRunnersShareTheAccountThatBothName() throws IOException {
    assertThat(accounts(runner("a", "ci"), runner("b", "ci"), runner("c", "ci-2")))
        .containsEntry("a", new Account("ci", 998, 998))
        .containsEntry("b", new Account("ci", 998, 998))
        .containsEntry("c", new Account("ci-2", 997, 997));
  }

  @Test
  void refusesTwoAccountsOfOneNumber() {
    assertThatThrownBy(() -> accounts(runner("a", "ci"), runner("b", "alias")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "runners a and b are the same to the host: accounts ci and alias both have the number"
                + " 998; give each an account of its own, or leave gitlab.user out");
  }

  @Test
  void refusesAnAccountThatThereIsNot() {
    assertThatThrownBy(() -> accounts(runner("a", "nobody-knows")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "there is no account nobody-knows for runner a: make it with useradd --system"
                + " nobody-knows, or leave gitlab.user out");
  }

  @Test
  void refusesRoot() {
    assertThatThrownBy(() -> accounts(runner("a", "toor")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "runner a would own the host as user toor: name another account, or leave gitlab.user"
                + " out");
  }
}
