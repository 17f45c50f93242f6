package dev.mayfly.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What names a file in its file system for as long as it exists, whatever it is called
 * (name_to_handle_at(2)). A handle of a file that is gone is never that of another.
 */
public final class FileHandle {
  /** Of include/linux/exportfs.h: 32 bits of inode number, 32 of generation. */
  private static final int INODE_AND_GENERATION = 1;

  static final int MOST_BYTES = 128;

  private final int type;
  private final byte[] bytes;
  private final int hash;

  public FileHandle(int type, byte[] bytes) {
    this.type = type;
    this.bytes = bytes.clone();
    this.hash = 31 * type + Arrays.hashCode(bytes);
  }

  /** The inode's number; 0 where handles of this file system don't tell it. */
  public long inode() {
    return type == INODE_AND_GENERATION && bytes.length == 2 * Integer.BYTES
        ? Integer.toUnsignedLong(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(0))
        : 0;
  }

  /** As {@code struct file_handle} lays it out. */
  byte[] encoded() {
    return ByteBuffer.allocate(2 * Integer.BYTES + bytes.length)
        .order(ByteOrder.nativeOrder())
        .putInt(bytes.length)
        .putInt(type)
        .put(bytes)
        .array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FileHandle that
        && that.hash == hash
        && that.type == type
        && Arrays.equals(that.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return type + ":" + HexFormat.of().formatHex(bytes);
  }
}
