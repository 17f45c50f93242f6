package dev.mayfly.detect;

import dev.mayfly.event.Event;
import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.FileIdentity;
import org.jspecify.annotations.Nullable;

/**
 * A file that was opened, or whose name or attributes were changed.
 *
 * @param written whether its content, its name or what belongs to it may be another now
 * @param created whether a name may have been made for it
 */
record TouchedFile(FileIdentity identity, String path, boolean written, boolean created) {

  /** The file of an event, or null where it has none. */
  static @Nullable TouchedFile of(Event event) {
    return switch (event) {
      case Event.Opened opened ->
          new TouchedFile(opened.file(), opened.path(), opened.writes(), opened.created());
      case Event.Changed changed ->
          new TouchedFile(
              changed.file(),
              changed.path(),
              changed.change() != Change.UNLINK,
              switch (changed.change()) {
                case CREATE, LINK, SYMLINK -> true;
                case RENAME, UNLINK, CHMOD, CHOWN, MOUNT -> false;
              });
      default -> null;
    };
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** What is before the name, without a slash at its end. */
  String directory() {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}
