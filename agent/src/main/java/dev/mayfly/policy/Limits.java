package dev.mayfly.policy;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * What one sandbox may use.
 *
 * @param cpus processors, in hundredths at the finest
 * @param memory RAM; there is no swap beside it
 * @param pids processes and threads
 * @param disk bytes of workspace, writable layer and declared volumes together
 * @param inodes files and directories on that disk
 * @param openFiles open descriptors of one process (RLIMIT_NOFILE)
 * @param lifetime from the start of the sandbox; then everything in it is killed
 */
public record Limits(
    BigDecimal cpus,
    ByteSize memory,
    int pids,
    ByteSize disk,
    long inodes,
    int openFiles,
    Duration lifetime) {

  public static final Limits DEFAULT =
      new Limits(
          BigDecimal.valueOf(2),
          ByteSize.ofGiB(4),
          1024,
          ByteSize.ofGiB(10),
          1_000_000,
          65_536,
          Duration.ofHours(2));

  public Limits {
    between("cpus", cpus, new BigDecimal("0.01"), BigDecimal.valueOf(4096));
    if (cpus.stripTrailingZeros().scale() > 2) {
      throw new IllegalArgumentException(
          "cpus has at most two decimals, not " + cpus.toPlainString());
    }
    between("memory", memory, ByteSize.ofMiB(16), ByteSize.ofGiB(64 << 10));
    between("pids", pids, 8, 4_194_304);
    between("disk", disk, ByteSize.ofMiB(64), ByteSize.ofGiB(16 << 10));
    between("inodes", inodes, 1_000L, 1_000_000_000L);
    if (disk.bytes() / inodes < 1024) {
      throw new IllegalArgumentException(
          "inodes: "
              + inodes
              + " are too many for a disk of "
              + disk
              + ", which holds at most "
              + disk.bytes() / 1024);
    }
    between("open-files", openFiles, 64, 1_048_576);
    between("lifetime", lifetime, Duration.ofSeconds(1), Duration.ofDays(7));
  }

  private static <T extends Comparable<T>> void between(String name, T value, T least, T most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + " must be between " + least + " and " + most + ", not " + value);
    }
  }
}
