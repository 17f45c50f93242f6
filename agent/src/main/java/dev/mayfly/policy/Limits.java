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
 * @param openFiles open descriptors of one process (RLIMIT_NOFILE); fewer where the engine's own
 *     limit is lower
 * @param lifetime from the start of the sandbox; then everything in it is killed
 * @param services how many sandboxes a job may have beside its own, each with these limits
 */
public record Limits(
    BigDecimal cpus,
    ByteSize memory,
    int pids,
    ByteSize disk,
    long inodes,
    int openFiles,
    Duration lifetime,
    int services) {

  public static final Range<BigDecimal> CPUS =
      new Range<>(new BigDecimal("0.01"), BigDecimal.valueOf(4096));
  public static final Range<ByteSize> MEMORY =
      new Range<>(ByteSize.ofMiB(16), ByteSize.ofGiB(64 << 10));
  public static final Range<Integer> PIDS = new Range<>(8, 4_194_304);
  public static final Range<ByteSize> DISK =
      new Range<>(ByteSize.ofMiB(64), ByteSize.ofGiB(16 << 10));
  public static final Range<Long> INODES = new Range<>(1_000L, 1_000_000_000L);
  public static final Range<Integer> OPEN_FILES = new Range<>(512, 1_048_576);
  public static final Range<Duration> LIFETIME =
      new Range<>(Duration.ofSeconds(1), Duration.ofDays(7));
  public static final Range<Integer> SERVICES = new Range<>(0, 20);

  /** An inode with its share of directories and bitmaps needs this much of the disk. */
  private static final long LEAST_BYTES_PER_INODE = 1024;

  public static final Limits DEFAULT =
      new Limits(
          BigDecimal.valueOf(2),
          ByteSize.ofGiB(4),
          1024,
          ByteSize.ofGiB(10),
          1_000_000,
          65_536,
          Duration.ofHours(2),
          5);

  public Limits {
    CPUS.require("cpus", cpus);
    if (cpus.stripTrailingZeros().scale() > 2) {
      throw new IllegalArgumentException(
          "cpus must have at most two decimals, not " + cpus.toPlainString());
    }
    MEMORY.require("memory", memory);
    PIDS.require("pids", pids);
    DISK.require("disk", disk);
    INODES.require("inodes", inodes);
    if (disk.bytes() / LEAST_BYTES_PER_INODE < inodes) {
      throw new IllegalArgumentException(
          "inodes must be at most "
              + disk.bytes() / LEAST_BYTES_PER_INODE
              + " on a disk of "
              + disk
              + ", not "
              + inodes);
    }
    OPEN_FILES.require("open-files", openFiles);
    LIFETIME.require("lifetime", lifetime);
    SERVICES.require("services", services);
  }

  /**
   * How many inodes a disk of this size gets where nobody says: one for 4 KiB, at most a million.
   */
  public static long inodesFor(ByteSize disk) {
    return Math.max(INODES.least(), Math.min(DEFAULT.inodes, disk.bytes() / 4096));
  }
}
