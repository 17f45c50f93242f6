package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AccountTest {
  private static final int FIRST = 61_184;
  private static final int LAST = 65_519;

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
  void givesTheSameNumberForTheSamePurpose() throws IOException {
    Account account = Account.without("mayfly runner gl-main", Set.of());
    assertThat(Account.without("mayfly runner gl-main", Set.of())).isEqualTo(account);
    assertThat(Account.without("mayfly runner gl-2", Set.of())).isNotEqualTo(account);
    assertThat(account.name()).isEqualTo(Integer.toString(account.uid()));
    assertThat(account.gid()).isEqualTo(account.uid());
  }

  /** Numbers that systemd, too, gives to services alone. */
  @Test
  void givesNumbersOfNoAccountSpreadOverTheRange() throws IOException {
    Set<Integer> numbers = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      int number = Account.without("purpose " + i, Set.of()).uid();
      assertThat(number).isBetween(FIRST, LAST);
      numbers.add(number);
    }
    assertThat(numbers).hasSizeGreaterThan(1000);
  }

  @Test
  void givesNobodyTheNumberOfAnother() throws IOException {
    Set<Integer> taken = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      int number = Account.without("one purpose", taken).uid();
      assertThat(number).isBetween(FIRST, LAST);
      assertThat(taken.add(number)).isTrue();
    }
  }

  @Test
  void knowsTheNumbersOfAccounts() throws IOException {
    assertThat(Account.isTaken(0)).isTrue();
    assertThat(Account.isTaken(Account.without("a purpose", Set.of()).uid())).isFalse();
  }

  @Test
  void saysWhenEveryNumberIsTaken() {
    Set<Integer> all = IntStream.rangeClosed(FIRST, LAST).boxed().collect(Collectors.toSet());
    assertThatThrownBy(() -> Account.without("runner gl", all))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "every number from 61184 to 65519 is taken: give runner gl an account of its own");
  }
}
