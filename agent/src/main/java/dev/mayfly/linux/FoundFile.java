package dev.mayfly.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A file as statx(2) tells it.
 *
 * @param device of its file system, {@code major << 20 | minor}
 * @param special of a device node, its number alike
 */
public record FoundFile(
    int device, long inode, int links, int mode, int uid, int gid, int special) {
  private static final int STATX = 256;
  private static final int BASIC_STATS = 0x7ff;

  private static final int TYPE = 0xf000;
  private static final int CHARACTER_DEVICE = 0x2000;
  private static final int SYMBOLIC_LINK = 0xa000;

  /**
   * What a path leads to, or the descriptor itself where the path is empty.
   *
   * @param path ends with a zero byte
   */
  static FoundFile of(int directory, byte[] path) {
    byte[] found = new byte[STATX];
    WatchCalls.statx(
        directory, path, path.length == 1 ? LibC.AT_EMPTY_PATH : 0, BASIC_STATS, found);
    return of(ByteBuffer.wrap(found).order(ByteOrder.nativeOrder()));
  }

  private static FoundFile of(ByteBuffer statx) {
    return new FoundFile(
        number(statx, 0x88),
        statx.getLong(0x20),
        statx.getInt(0x10),
        Short.toUnsignedInt(statx.getShort(0x1c)),
        statx.getInt(0x14),
        statx.getInt(0x18),
        number(statx, 0x80));
  }

  private static int number(ByteBuffer statx, int major) {
    return statx.getInt(major) << 20 | statx.getInt(major + Integer.BYTES);
  }

  public boolean isSymbolicLink() {
    return (mode & TYPE) == SYMBOLIC_LINK;
  }

  /** Whether it is what overlayfs marks a removed name of a lower layer with. */
  public boolean isWhiteout() {
    return (mode & TYPE) == CHARACTER_DEVICE && special == 0;
  }
}
