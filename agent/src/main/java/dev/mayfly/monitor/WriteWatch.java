package dev.mayfly.monitor;

import dev.mayfly.event.FileIdentity;
import dev.mayfly.linux.Fanotify;
import dev.mayfly.linux.FanotifyEvent;
import dev.mayfly.linux.FoundFile;
import dev.mayfly.linux.OpenedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Tells files that were written in the file system that a sandbox has as its root, when they are
 * closed. That file system stays in use until this is closed.
 */
final class WriteWatch implements AutoCloseable {
  private static final String OVERFLOW =
      "files that were written: they came faster than they were read";

  private final FanotifyReader reader;

  private WriteWatch(FanotifyReader reader) {
    this.reader = reader;
  }

  static WriteWatch start(Path root, Predicate<String> told, DiskWatch.Listener listener)
      throws IOException {
    return new WriteWatch(
        FanotifyReader.start(
            "write-watch",
            Fanotify.ofWrites(root),
            event -> take(event, told, listener),
            why -> listener.lost("files that were written: " + why, 1)));
  }

  private static void take(
      FanotifyEvent event, Predicate<String> told, DiskWatch.Listener listener) {
    if (event.has(FanotifyEvent.OVERFLOW)) {
      listener.lost(OVERFLOW, 1);
      return;
    }
    if (event.descriptor() < 0) {
      return;
    }
    try (OpenedFile file = OpenedFile.of(event)) {
      String path = ForeignText.of(file.path());
      if (told.test(path)) {
        FoundFile found = file.found();
        listener.written(
            event.pid(),
            new FileIdentity(found.device(), found.inode(), found.links(), 0, 0),
            path);
      }
    } catch (IOException e) {
      listener.lost("a file that was written: " + e.getMessage(), 1);
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
