package dev.mayfly.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.FanotifyEvent.Entry;
import dev.mayfly.linux.FileHandle;
import org.junit.jupiter.api.Test;

final class HalfRenamesTest {
  private final HalfRenames halves = new HalfRenames();

  private static Entry entry(int name) {
    return new Entry(new FileHandle(1, new byte[8]), new byte[] {(byte) name});
  }

  @Test
  void findsTheFormerNameOfTheSameProcess() {
    halves.begin(1, entry(10));
    halves.begin(2, entry(20));

    assertThat(halves.complete(1)).contains(entry(10));
    assertThat(halves.complete(1)).isEmpty();
    assertThat(halves.complete(2)).contains(entry(20));
  }

  @Test
  void takesTheLatestFirst() {
    halves.begin(1, entry(10));
    halves.begin(1, entry(11));

    assertThat(halves.complete(1)).contains(entry(11));
    assertThat(halves.complete(1)).contains(entry(10));
  }

  @Test
  void keepsNoMoreThanItMust() {
    for (int i = 0; i < 100; i++) {
      halves.begin(1, entry(i));
    }
    for (int pid = 2; pid < 3000; pid++) {
      halves.begin(pid, entry(1));
    }
    assertThat(halves.complete(1)).isEmpty();
    for (int i = 0; i < 100; i++) {
      halves.begin(1, entry(i));
    }
    for (int i = 99; i >= 84; i--) {
      assertThat(halves.complete(1)).contains(entry(i));
    }
    assertThat(halves.complete(1)).isEmpty();
  }
}
