package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AccountTest {
  @Test
  void findsAnAccountByItsName() throws IOException {
    assertThat(Account.named("root")).contains(new Account("root", 0, 0));
  }

  @Test
  void findsNoneThatThereIsNot() throws IOException {
    assertThat(Account.named("no-such-account")).isEmpty();
    assertThat(Account.named("")).isEmpty();
    assertThat(Account.named("root:x")).isEmpty();
  }

  @Test
  void givesTheSameNumberForTheSamePurpose() {
    Account account = Account.without("mayfly runner gl-main");
    assertThat(Account.without("mayfly runner gl-main")).isEqualTo(account);
    assertThat(Account.without("mayfly runner gl-2")).isNotEqualTo(account);
    assertThat(account.name()).isEqualTo(Integer.toString(account.uid()));
    assertThat(account.gid()).isEqualTo(account.uid());
  }

  /** Numbers that systemd, too, gives to services alone. */
  @Test
  void givesNumbersOfNoAccountSpreadOverTheWholeRange() {
    Set<Integer> numbers = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      int number = Account.without("purpose " + i).uid();
      assertThat(number).isBetween(61_184, 65_519);
      numbers.add(number);
    }
    assertThat(numbers).hasSize(65_519 - 61_184 + 1);
  }
}
