package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Limits D = Limits.DEFAULT;

  @Test
  void refusesWhatIsOutOfRangeAndNamesTheKey() {
    assertThatThrownBy(() -> with(BigDecimal.ZERO, D.memory(), D.pids(), D.disk(), D.inodes()))
        .hasMessage("cpus must be between 0.01 and 4096, not 0");
    assertThatThrownBy(
            () -> with(new BigDecimal("0.015"), D.memory(), D.pids(), D.disk(), D.inodes()))
        .hasMessage("cpus must have at most two decimals, not 0.015");
    assertThatThrownBy(() -> with(D.cpus(), new ByteSize(1), D.pids(), D.disk(), D.inodes()))
        .hasMessage("memory must be between 16MiB and 64TiB, not 1B");
    assertThatThrownBy(() -> with(D.cpus(), D.memory(), -1, D.disk(), D.inodes()))
        .hasMessage("pids must be between 8 and 4194304, not -1");
    assertThatThrownBy(() -> with(D.cpus(), D.memory(), D.pids(), ByteSize.ofMiB(1), D.inodes()))
        .hasMessage("disk must be between 64MiB and 16TiB, not 1MiB");
    assertThatThrownBy(() -> with(D.cpus(), D.memory(), D.pids(), D.disk(), 0))
        .hasMessage("inodes must be between 1000 and 1000000000, not 0");
    assertThatThrownBy(() -> with(D.cpus(), D.memory(), D.pids(), ByteSize.ofMiB(64), 65_537))
        .hasMessage("inodes must be at most 65536 on a disk of 64MiB, not 65537");
    assertThatThrownBy(
            () ->
                new Limits(
                    D.cpus(),
                    D.memory(),
                    D.pids(),
                    D.disk(),
                    D.inodes(),
                    1,
                    Duration.ofHours(1),
                    5))
        .hasMessage("open-files must be between 512 and 1048576, not 1");
    assertThatThrownBy(
            () ->
                new Limits(
                    D.cpus(),
                    D.memory(),
                    D.pids(),
                    D.disk(),
                    D.inodes(),
                    512,
                    Duration.ofDays(9),
                    5))
        .hasMessage("lifetime must be between 1s and 7d, not 9d");
    for (int services : new int[] {-1, 21}) {
      assertThatThrownBy(
              () ->
                  new Limits(
                      D.cpus(),
                      D.memory(),
                      D.pids(),
                      D.disk(),
                      D.inodes(),
                      D.openFiles(),
                      D.lifetime(),
                      services))
          .hasMessage("services must be between 0 and 20, not " + services);
    }
  }

  @Test
  void givesEveryPossibleDiskInodesThatItCanHold() {
    assertThat(Samples.between(64L << 20, 16L << 40).mapToObj(ByteSize::new))
        .allSatisfy(
            disk ->
                assertThat(
                        with(D.cpus(), D.memory(), D.pids(), disk, Limits.inodesFor(disk)).inodes())
                    .isBetween(1_000L, 1_000_000L));
  }

  @Test
  void givesTheDefaultDiskTheDefaultInodes() {
    assertThat(Limits.inodesFor(D.disk())).isEqualTo(D.inodes());
  }

  private static Limits with(
      BigDecimal cpus, ByteSize memory, int pids, ByteSize disk, long inodes) {
    return new Limits(cpus, memory, pids, disk, inodes, D.openFiles(), D.lifetime(), D.services());
  }
}
