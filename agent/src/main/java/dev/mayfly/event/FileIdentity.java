package dev.mayfly.event;

/**
 * A file by what it is, whatever it is called at the moment.
 *
 * @param device of its file system, {@code major << 20 | minor}
 * @param links names that it has; 0 of one that was deleted or never had any, such as a memfd
 * @param parent inode of the directory that it was opened in
 * @param fileSystem the magic number of statfs(2); 0 where a source can't tell it
 */
public record FileIdentity(int device, long inode, int links, long parent, long fileSystem) {
  /** Where there is none, or its source can't tell it. */
  public static final FileIdentity UNKNOWN = new FileIdentity(0, 0, 1, 0, 0);

  private static final long TMPFS = 0x01021994;

  /** Whether it has no name in any directory: deleted, or memory. */
  public boolean nameless() {
    return links == 0;
  }

  /** Whether it lies in memory. */
  public boolean onTmpfs() {
    return fileSystem == TMPFS;
  }
}
