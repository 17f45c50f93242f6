package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SandboxLauncherTest {
  private static final Teardown GONE = new Teardown(List.of());

  private final List<String> disarmed = new ArrayList<>();

  private Guard.Armed guard(String name) {
    return () -> disarmed.add(name);
  }

  private static Guard.Armed stuck(String message) {
    return () -> {
      throw new IOException(message);
    };
  }

  @Test
  void takesGuardsAwayInReverse() {
    assertThat(SandboxLauncher.disarmed(List.of(guard("disk"), guard("network")), GONE).verified())
        .isTrue();
    assertThat(disarmed).containsExactly("network", "disk");
  }

  @Test
  void triesAgainWhereSomebodyElseWasInTheWay() {
    AtomicInteger tries = new AtomicInteger();
    Guard.Armed busy =
        () -> {
          if (tries.incrementAndGet() < 3) {
            throw new IOException("busy");
          }
        };
    assertThat(SandboxLauncher.disarmed(List.of(busy), GONE).verified()).isTrue();
    assertThat(tries).hasValue(3);
  }

  @Test
  void tellsWhichGuardCouldNotBeTakenAwayAndTakesTheOthers() {
    List<Guard.Armed> armed = List.of(guard("disk"), stuck("the table is locked"));
    assertThat(SandboxLauncher.disarmed(armed, GONE, Duration.ZERO).leftovers())
        .containsExactly("the table is locked");
    assertThat(disarmed).containsExactly("disk");
  }

  @Test
  void leavesWhatIsStillThereGuarded() {
    Teardown left = new Teardown(List.of("container c"));
    assertThat(SandboxLauncher.disarmed(List.of(guard("network")), left)).isEqualTo(left);
    assertThat(disarmed).isEmpty();
  }
}
