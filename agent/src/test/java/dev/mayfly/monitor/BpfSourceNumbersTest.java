package dev.mayfly.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpfSourceNumbersTest {
  private final BpfSourceNumbers numbers = new BpfSourceNumbers();

  @Test
  void missesNothingWhereAllCame() {
    for (long i = 0; i < 200_000; i++) {
      numbers.came(i);
    }
    assertThat(numbers.missing(200_000)).isZero();
    assertThat(numbers.strange()).isZero();
  }

  @Test
  void missesNothingWhereTheyCameSwapped() {
    for (long i = 0; i < 200_000; i += 2) {
      numbers.came(i + 1);
      numbers.came(i);
    }
    assertThat(numbers.missing(200_000)).isZero();
    assertThat(numbers.strange()).isZero();
  }

  @Test
  void missesWhatNeverCame() {
    for (long i = 0; i < 100_000; i++) {
      if (i % 1000 != 7) {
        numbers.came(i);
      }
    }
    assertThat(numbers.missing(100_000)).isEqualTo(100);
    assertThat(numbers.missing(100_010)).isEqualTo(110);
  }

  @Test
  void takesBackWhatCameVeryLate() {
    for (long i = 1; i < 100_000; i++) {
      numbers.came(i);
    }
    assertThat(numbers.missing(100_000)).isEqualTo(1);
    numbers.came(0);
    assertThat(numbers.missing(100_000)).isZero();
  }

  @Test
  void seesNumbersThatCantBe() {
    numbers.came(5);
    numbers.came(5);
    numbers.came(-1);
    numbers.came(Long.MAX_VALUE);
    assertThat(numbers.strange()).isEqualTo(3);
    assertThat(numbers.missing(6)).isEqualTo(5);
  }

  @Test
  void agreesWithACountByHand() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      BpfSourceNumbers counted = new BpfSourceNumbers();
      BitSet came = new BitSet();
      int total = 0;
      for (int i = 0; i < 2000; i++) {
        total += random.nextInt(20) == 0 ? random.nextInt(100_000) : random.nextInt(3);
        if (!came.get(total)) {
          came.set(total);
          counted.came(total);
        }
      }
      assertThat(counted.missing(total + 1L))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(total + 1L - came.cardinality());
      assertThat(counted.strange()).isZero();
    }
  }
}
