package dev.mayfly.linux;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One event as fanotify(7) gives it. Equal ones that wait to be read are one, so that it may tell
 * several things of the same name.
 *
 * @param pid of the process as this process's pid name space numbers it; 0 where it has no number
 *     there
 * @param descriptor of the file in a group that gives them, else -1; whoever reads it closes it
 * @param entry the name; of a rename, the former one
 * @param renamed the name that a rename gave
 * @param file what has the name
 */
public record FanotifyEvent(
    long mask,
    int pid,
    int descriptor,
    @Nullable Entry entry,
    @Nullable Entry renamed,
    @Nullable FileHandle file) {
  public static final long ATTRIB = 0x4;
  public static final long CLOSE_WRITE = 0x8;
  public static final long MOVED_FROM = 0x40;
  public static final long MOVED_TO = 0x80;
  public static final long CREATE = 0x100;
  public static final long DELETE = 0x200;
  public static final long OVERFLOW = 0x4000;
  public static final long RENAME = 0x1000_0000;
  public static final long ON_DIRECTORY = 0x4000_0000;

  /**
   * A name in a directory.
   *
   * @param name a single dot where it is the directory itself
   */
  public record Entry(FileHandle directory, byte[] name) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Entry that
          && that.directory.equals(directory)
          && Arrays.equals(that.name, name);
    }

    @Override
    public int hashCode() {
      return Objects.hash(directory, Arrays.hashCode(name));
    }

    /** Whether it names the directory itself. */
    public boolean isDirectoryItself() {
      return name.length == 1 && name[0] == '.';
    }
  }

  public boolean has(long bits) {
    return (mask & bits) != 0;
  }
}
