package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A group of fanotify(7) with its bounded queue (fs.fanotify.max_queued_events), which tells of one
 * file system. It is read by one thread; the file system stays in use until it is closed.
 */
public final class Fanotify implements AutoCloseable {
  private static final int CLOEXEC = 0x1;
  private static final int NONBLOCK = 0x2;
  private static final int REPORT_FID = 0x200;
  private static final int REPORT_DIRECTORY_AND_NAME = 0x400 | 0x800;
  private static final int REPORT_TARGET = 0x1000;
  private static final int O_LARGEFILE = 0x8000;

  private static final int MARK_ADD = 0x1;
  private static final int MARK_FILESYSTEM = 0x100;

  private static final int BUFFER = 256 << 10;

  /** Milliseconds; a queue of the usual size fills in no less than ten of them. */
  private static final int GATHER = 2;

  /** Enough for a full queue, and no more, whoever goes on. */
  private static final int LAST_READS = 64;

  private static final String REMEDY =
      "watching a file system wants CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH in the host's first"
          + " user name space, and fewer groups than fs.fanotify.max_user_groups";

  private final FileDescriptorHandle group;
  private final Readiness readiness;
  private final Detail detail;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());

  private Fanotify(FileDescriptorHandle group, Readiness readiness, Detail detail) {
    this.detail = detail;
    this.group = group;
    this.readiness = readiness;
  }

  /** How much of a name's change a kernel tells. */
  public enum Detail {
    /** Both names of a rename in one event, and of every name the file (since 5.17). */
    WHOLE,
    /** The names one by one, and not which file it was (since 5.9). */
    NAMES
  }

  /**
   * Tells changes of names in the file system that {@code path} is on, as much of them as this
   * kernel can.
   */
  public static Fanotify ofNames(Path path) throws IOException {
    return ofNames(path, false);
  }

  /** As {@link #ofNames(Path)}, with files that were open for writing and are closed. */
  public static Fanotify ofNamesAndWrites(Path path) throws IOException {
    return ofNames(path, true);
  }

  private static Fanotify ofNames(Path path, boolean writes) throws IOException {
    try {
      return ofNames(path, Detail.WHOLE, writes);
    } catch (SyscallException e) {
      if (e.errno() == Errno.EINVAL) {
        return ofNames(path, Detail.NAMES, writes);
      }
      throw e;
    }
  }

  public static Fanotify ofNames(Path path, Detail detail, boolean writes) throws IOException {
    boolean whole = detail == Detail.WHOLE;
    long moves = whole ? FanotifyEvent.RENAME : FanotifyEvent.MOVED_FROM | FanotifyEvent.MOVED_TO;
    return open(
        path,
        REPORT_FID | REPORT_DIRECTORY_AND_NAME | (whole ? REPORT_TARGET : 0),
        moves
            | FanotifyEvent.CREATE
            | FanotifyEvent.DELETE
            | FanotifyEvent.ATTRIB
            | FanotifyEvent.ON_DIRECTORY
            | (writes ? FanotifyEvent.CLOSE_WRITE : 0),
        detail);
  }

  /**
   * Tells files that were open for writing and are closed, each with a descriptor, in the file
   * system that {@code path} is on.
   */
  public static Fanotify ofWrites(Path path) throws IOException {
    return open(path, 0, FanotifyEvent.CLOSE_WRITE, Detail.NAMES);
  }

  private static Fanotify open(Path path, int reports, long mask, Detail detail)
      throws IOException {
    FileDescriptorHandle group = group(reports);
    try {
      WatchCalls.fanotify_mark(
          group.fd(), MARK_ADD | MARK_FILESYSTEM, mask, LibC.AT_FDCWD, path.toString());
      return new Fanotify(group, Readiness.of(group.fd()), detail);
    } catch (LastErrorException e) {
      group.close();
      throw new SyscallException("fanotify_mark", path, e.getErrorCode(), REMEDY);
    } catch (IOException e) {
      group.close();
      throw e;
    }
  }

  private static FileDescriptorHandle group(int reports) throws SyscallException {
    try {
      return FileDescriptorHandle.of(
          WatchCalls.fanotify_init(
              CLOEXEC | NONBLOCK | reports, LibC.O_RDONLY | LibC.O_CLOEXEC | O_LARGEFILE));
    } catch (LastErrorException e) {
      throw new SyscallException("fanotify_init", "names", e.getErrorCode(), REMEDY);
    }
  }

  /**
   * Makes a group that tells names, and drops it again.
   *
   * @return why that can't be done; empty where it can
   */
  public static Optional<String> refused() {
    try {
      group(REPORT_FID | REPORT_DIRECTORY_AND_NAME).close();
      return Optional.empty();
    } catch (SyscallException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  public Detail detail() {
    return detail;
  }

  /**
   * Waits for events and takes some. Blocks the thread.
   *
   * @return false once it was stopped; what was there until then is taken
   */
  public boolean read(Consumer<FanotifyEvent> events) throws IOException {
    if (readiness.awaitSome(GATHER)) {
      take(events);
      return true;
    }
    for (int i = 0; i < LAST_READS && take(events); i++) {}
    return false;
  }

  /** False where there was nothing. */
  private boolean take(Consumer<FanotifyEvent> events) throws SyscallException {
    try {
      int length = (int) WatchCalls.read(group.fd(), buffer, BUFFER);
      if (!FanotifyDecoder.decode(
          buffer.duplicate().order(ByteOrder.nativeOrder()).limit(length), events)) {
        throw new SyscallException("read", "fanotify: a damaged event", Errno.EINVAL);
      }
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.EAGAIN && e.getErrorCode() != Errno.EINTR) {
        throw new SyscallException("read", "fanotify", e.getErrorCode());
      }
      return false;
    }
  }

  /** Ends {@link #read}. */
  public void stop() {
    readiness.stop();
  }

  /** Only once nobody reads: {@link #stop} first. */
  @Override
  public void close() {
    group.close();
    readiness.close();
  }
}
