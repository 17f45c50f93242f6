package dev.mayfly.monitor;

import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.linux.Fanotify;
import dev.mayfly.linux.FileHandles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Tells changes of names on a sandbox's own disk, as fanotify(7) sees them in the file system: also
 * those that come through an overlay above it, by bind mounts, by io_uring, or relative to any
 * directory. Of an overlay's writable layer it tells what a process did, not what overlayfs does
 * for it. The disk stays in use until this is closed.
 *
 * <p>Not told: a name in a directory that is gone by the time it is read and was made before this
 * began; and the first change of mode of a directory that comes from the image, where it is read
 * together with what overlayfs did to copy that directory up.
 */
public final class DiskWatch implements AutoCloseable {
  private final FanotifyReader reader;
  private final FileHandles handles;

  private DiskWatch(FanotifyReader reader, FileHandles handles) {
    this.reader = reader;
    this.handles = handles;
  }

  /**
   * What to watch.
   *
   * @param mount where the file system of the disk is mounted on the host
   * @param places what of it the sandbox sees; changes elsewhere are not told
   * @param told which paths are, as the sandbox sees them; asked once for each change, so it must
   *     be quick
   */
  public record Disk(Path mount, List<Place> places, Predicate<String> told) {
    public Disk {
      places = List.copyOf(places);
    }
  }

  /**
   * A directory of the disk that the sandbox sees.
   *
   * @param below its path from the root of the disk, without a slash at its ends
   * @param seen its path in the sandbox
   * @param layered whether it is the writable layer of an overlay
   */
  public record Place(String below, String seen, boolean layered) {}

  /** Takes what is seen, in the reader's thread, which it must not keep waiting. */
  public interface Listener {
    /**
     * A name was changed, or the mode, owner, times or extended attributes of what has it (CHMOD).
     *
     * @param pid of who did it as the host numbers it, which may have ended; 0 where the host has
     *     no number for it
     * @param file what has the name, as it is now; {@link FileIdentity#links} is 0 where it is gone
     * @param from as {@link dev.mayfly.event.Event.Changed} has it
     */
    void changed(int pid, Change change, FileIdentity file, String path, Optional<String> from);

    /** A file that was open for writing was closed; told by the fallback source alone. */
    default void written(int pid, FileIdentity file, String path) {}

    /** As {@link EventSource.Sink#lost}. */
    void lost(String what, long count);
  }

  /**
   * Begins to watch; what happens once this returned is told.
   *
   * @throws IOException where the disk can't be watched; nothing is left then
   */
  public static DiskWatch start(Disk disk, Listener listener) throws IOException {
    return start(disk, listener, Fanotify.ofNames(disk.mount()));
  }

  /** As {@link #start(Disk, Listener)}, by no more than a kernel tells. */
  public static DiskWatch start(Disk disk, Listener listener, Fanotify.Detail detail)
      throws IOException {
    return start(disk, listener, Fanotify.ofNames(disk.mount(), detail, false));
  }

  /** As {@link #start(Disk, Listener)}, with what was written outside of writable layers. */
  static DiskWatch startWithWrites(Disk disk, Listener listener) throws IOException {
    return start(disk, listener, Fanotify.ofNamesAndWrites(disk.mount()));
  }

  private static DiskWatch start(Disk disk, Listener listener, Fanotify fanotify)
      throws IOException {
    try {
      FileHandles handles = FileHandles.of(disk.mount());
      DiskChanges changes = new DiskChanges(handles, disk, fanotify.detail(), listener);
      return new DiskWatch(
          FanotifyReader.start(
              "disk-watch",
              fanotify,
              changes::take,
              why -> listener.lost("changes of names on the sandbox's disk: " + why, 1)),
          handles);
    } catch (IOException e) {
      fanotify.close();
      throw e;
    }
  }

  /** Why no disk can be watched here; empty where it can be. */
  public static Optional<String> refused() {
    return Fanotify.refused();
  }

  /**
   * Ends it; what was done before is told. May be asked for again, but not by the listener, nor by
   * anybody for whom it waits.
   */
  @Override
  public void close() {
    reader.close();
    handles.close();
  }
}
