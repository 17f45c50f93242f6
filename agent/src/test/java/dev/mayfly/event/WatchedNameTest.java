package dev.mayfly.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mayfly.event.WatchedName.Use;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchedNameTest {
  private static final Set<Use> READ = Set.of(Use.READ);
  private static final Set<Use> WRITE = Set.of(Use.WRITE);

  @ParameterizedTest
  @CsvSource({
    "'', '', false",
    "'', '', true",
    "a, b, true",
    "'', a, true",
    "a/b, '', false",
    ".., '', false"
  })
  void refusesNamesThatNoEntryCanHave(String directory, String name, boolean below) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedName(directory, name, below, READ, Set.of()));
  }

  @Test
  void refusesNamesThatAreTooLongForTheKernelsSide() {
    String directory = "d".repeat(WatchedName.LONGEST_DIRECTORY);
    String name = "n".repeat(WatchedName.LONGEST_NAME);
    assertThat(new WatchedName(directory, name, false, READ, READ).uses()).isEqualTo(READ);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedName(directory + "d", "", false, READ, READ));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedName("", name + "n", false, READ, READ));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedName("", "é".repeat(24), false, READ, READ));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedName("", "a\0", false, READ, READ));
  }

  @Test
  void refusesUsesThatAreNoneOrNotTold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedName("", "a", false, Set.of(), Set.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedName("", "a", false, READ, WRITE));
  }

  @Test
  void isForAllThatIsSaidOfIt() {
    assertThat(
            new WatchedName("d", "n", false, READ, READ)
                .with(new WatchedName("d", "n", false, WRITE, Set.of())))
        .isEqualTo(new WatchedName("d", "n", false, Set.of(Use.values()), READ));
  }
}
