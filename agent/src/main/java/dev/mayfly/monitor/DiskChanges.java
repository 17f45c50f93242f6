package dev.mayfly.monitor;

import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.linux.Fanotify.Detail;
import dev.mayfly.linux.FanotifyEvent;
import dev.mayfly.linux.FanotifyEvent.Entry;
import dev.mayfly.linux.FileHandle;
import dev.mayfly.linux.FileHandles;
import dev.mayfly.linux.FileHandles.Held;
import dev.mayfly.linux.FoundFile;
import dev.mayfly.monitor.DirectoryTree.Node;
import dev.mayfly.monitor.DiskPlaces.Seen;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a process changed, from what fanotify tells of the disk.
 *
 * <p>What overlayfs does there in a process's name, as seen on kernels 6.1 and 6.18:
 *
 * <ul>
 *   <li>A file is copied up as a nameless one in the work directory, which gets owner and times
 *       there, and is then linked into the layer (CREATE). A directory or a symbolic link is made
 *       in the work directory and moved into the layer, and bears {@code trusted.overlay.origin}.
 *   <li>A removed name of a lower layer is a whiteout that moves from the work directory into the
 *       layer. A file that takes the place of a whiteout moves in the same way, a directory changes
 *       places with it.
 *   <li>A directory that is renamed over a whiteout changes places with it; the whiteout is then
 *       deleted from the former name.
 *   <li>A directory of a lower layer that is removed changes places with an empty one first.
 *   <li>Directories get extended attributes and times of their own, which nobody asked for.
 * </ul>
 */
final class DiskChanges {
  private static final String OVERFLOW =
      "changes of names on the sandbox's disk: they came faster than they were read";
  private static final String DEEP = "changes of names in directories nested too deep to be told";

  private final FileHandles handles;
  private final DirectoryTree tree;
  private final Predicate<String> told;
  private final DiskWatch.Listener listener;
  private final boolean whole;

  /** Files that overlayfs is copying up: seen in its work directory, without a name yet. */
  private final RecentFiles copied = new RecentFiles();

  /** Files that had names before, so that one that they get is a link. */
  private final RecentFiles linked = new RecentFiles();

  private final HalfRenames halves = new HalfRenames();

  DiskChanges(
      FileHandles handles, DiskWatch.Disk disk, Detail detail, DiskWatch.Listener listener) {
    this.handles = handles;
    this.tree = new DirectoryTree(handles, new DiskPlaces(disk.places()));
    this.told = disk.told();
    this.whole = detail == Detail.WHOLE;
    this.listener = listener;
  }

  /** A name that the sandbox sees. */
  private record Name(String path, boolean layered, FileHandle directory) {}

  void take(FanotifyEvent event) {
    if (event.has(FanotifyEvent.OVERFLOW)) {
      tree.forget();
      halves.forget();
      listener.lost(OVERFLOW, 1);
      return;
    }
    @Nullable Entry entry = event.entry();
    if (entry == null) {
      if (event.file() != null) {
        linked.add(event.file()); // It has a name more or less, which is told by itself.
      }
      return;
    }
    boolean directory = event.has(FanotifyEvent.ON_DIRECTORY);
    if (event.renamed() != null) {
      renamed(event.pid(), directory, entry, event.renamed(), event.file());
      return;
    }
    if (event.has(FanotifyEvent.MOVED_TO)) {
      Optional<Entry> from = halves.complete(event.pid());
      if (from.isPresent()) {
        renamed(event.pid(), directory, from.get(), entry, null);
      } else {
        made(event, entry, directory);
      }
    }
    if (event.has(FanotifyEvent.MOVED_FROM)) {
      halves.begin(event.pid(), entry);
    }
    if (event.has(FanotifyEvent.CREATE | FanotifyEvent.DELETE)) {
      madeOrRemoved(event, entry, directory);
    }
    if (event.has(FanotifyEvent.ATTRIB)) {
      attributes(event, entry, directory);
    }
    if (event.has(FanotifyEvent.CLOSE_WRITE)) {
      written(event, entry);
    }
  }

  /** Not in a layer: there the kernels differ in whether they tell it. */
  private void written(FanotifyEvent event, Entry entry) {
    Optional<Name> name = name(entry);
    if (name.isEmpty() || name.get().layered() || !told.test(name.get().path())) {
      return;
    }
    try (@Nullable Held held = hold(event.file())) {
      FileIdentity identity =
          held == null ? gone(event.file(), name.get()) : identity(held.found(), name.get());
      listener.written(event.pid(), identity, name.get().path());
    }
  }

  private void madeOrRemoved(FanotifyEvent event, Entry entry, boolean directory) {
    boolean made = event.has(FanotifyEvent.CREATE);
    boolean removed = event.has(FanotifyEvent.DELETE);
    boolean remains =
        made && (!removed || handles.find(entry.directory(), entry.name()).isPresent());
    if (removed && remains) {
      removed(event, entry, directory);
    }
    if (made) {
      made(event, entry, directory);
    }
    if (removed && !remains) {
      removed(event, entry, directory);
    }
  }

  private void made(FanotifyEvent event, Entry entry, boolean directory) {
    @Nullable FileHandle file = file(entry, event.file());
    if (directory && file != null) {
      tree.put(file, entry, false);
    }
    Optional<Name> name = name(entry);
    if (name.isEmpty() || (name.get().layered() && file != null && copied.forget(file))) {
      return;
    }
    if (told.test(name.get().path())) {
      made(event.pid(), name.get(), file, directory);
    }
  }

  private void made(int pid, Name name, @Nullable FileHandle file, boolean directory) {
    try (@Nullable Held held = hold(file)) {
      if (held == null) {
        tell(pid, Change.CREATE, gone(file, name), name.path(), Optional.empty());
        return;
      }
      FoundFile found = held.found();
      FileIdentity identity = identity(found, name);
      if (found.isSymbolicLink()) {
        String target = ForeignText.of(held.target());
        tell(pid, Change.SYMLINK, identity, name.path(), Optional.of(target));
      } else {
        boolean link = !directory && found.links() > 1 && file != null && linked.has(file);
        Change change = link ? Change.LINK : Change.CREATE;
        tell(pid, change, identity, name.path(), Optional.empty());
      }
    }
  }

  private void removed(FanotifyEvent event, Entry entry, boolean directory) {
    Optional<Name> name = name(entry);
    if (name.isPresent() && told.test(name.get().path())) {
      removed(event.pid(), name.get(), event.file());
    }
    if (directory && event.file() != null) {
      tree.remove(event.file());
    }
  }

  private void removed(int pid, Name name, @Nullable FileHandle file) {
    try (@Nullable Held held = hold(file)) {
      if (held == null) {
        tell(pid, Change.UNLINK, gone(file, name), name.path(), Optional.empty());
      } else if (!name.layered() || !held.found().isWhiteout()) {
        FileIdentity identity = identity(held.found(), name);
        tell(pid, Change.UNLINK, identity, name.path(), Optional.empty());
      }
    }
  }

  private void attributes(FanotifyEvent event, Entry entry, boolean directory) {
    Optional<Name> name = name(entry);
    if (name.isEmpty()) {
      if (!directory && event.file() != null) {
        copied.add(event.file());
      }
      return;
    }
    if (!told.test(name.get().path())) {
      return;
    }
    @Nullable FileHandle file = entry.isDirectoryItself() ? entry.directory() : event.file();
    try (@Nullable Held held = hold(file)) {
      if (held == null) {
        tell(
            event.pid(), Change.CHMOD, gone(file, name.get()), name.get().path(), Optional.empty());
      } else if (!directory || !name.get().layered() || differs(entry.directory(), held)) {
        FileIdentity identity = identity(held.found(), name.get());
        tell(event.pid(), Change.CHMOD, identity, name.get().path(), Optional.empty());
      }
    }
  }

  /** Whether a directory's attributes are not just what overlayfs keeps for itself. */
  private boolean differs(FileHandle directory, Held held) {
    boolean unlessKnown = !held.isLayersOwn() && (whole || !held.copiedUp());
    return tree.at(directory)
        .map(node -> node.differs(attributes(held.found()), unlessKnown))
        .orElse(unlessKnown);
  }

  private static long attributes(FoundFile found) {
    return ((long) found.mode() << 48) ^ ((long) found.uid() << 24) ^ found.gid();
  }

  private void renamed(
      int pid, boolean directory, Entry from, Entry to, @Nullable FileHandle known) {
    Optional<Name> before = name(from);
    Optional<Name> after = name(to);
    @Nullable FileHandle file = file(to, known);
    if (directory && file != null) {
      tree.put(file, to, true);
    }
    if (after.isPresent() && before.isPresent()) {
      moved(pid, before.get(), after.get(), file);
    } else if (after.isPresent()) {
      arrived(pid, directory, after.get(), file);
    } else if (before.isPresent()) {
      left(pid, directory, before.get(), from);
    }
  }

  private void moved(int pid, Name from, Name to, @Nullable FileHandle file) {
    if (!told.test(to.path()) && !told.test(from.path())) {
      return;
    }
    try (@Nullable Held held = hold(file)) {
      if (held == null || !to.layered() || !held.found().isWhiteout()) {
        FileIdentity identity = held == null ? gone(file, to) : identity(held.found(), to);
        tell(pid, Change.RENAME, identity, to.path(), Optional.of(from.path()));
      }
    }
  }

  /** From where the sandbox sees nothing, such as overlayfs's work directory. */
  private void arrived(int pid, boolean directory, Name to, @Nullable FileHandle file) {
    if (!told.test(to.path())) {
      return;
    }
    if (!to.layered()) {
      made(pid, to, file, directory);
      return;
    }
    try (@Nullable Held held = hold(file)) {
      if (held != null && held.found().isWhiteout()) {
        tell(pid, Change.UNLINK, FileIdentity.UNKNOWN, to.path(), Optional.empty());
      } else if (held != null && file != null && held.copiedUp()) {
        copied.forget(file);
      } else if (!directory) {
        // A directory that is new is told when the whiteout that was there leaves.
        made(pid, to, file, false);
      }
    }
  }

  /** To where the sandbox sees nothing, such as overlayfs's work directory. */
  private void left(int pid, boolean directory, Name from, Entry entry) {
    if (told.test(from.path())) {
      if (!from.layered()) {
        removed(pid, from, null);
      } else if (!directory) {
        made(pid, from, file(entry, null), true);
      }
    }
  }

  private Optional<Name> name(Entry entry) {
    Optional<Node> node = tree.at(entry.directory());
    if (node.isEmpty()) {
      return Optional.empty();
    }
    if (node.get().tooDeep()) {
      listener.lost(DEEP, 1);
    }
    Optional<Seen> seen = node.get().seen();
    if (seen.isEmpty()) {
      return Optional.empty();
    }
    String directory = seen.get().path();
    String path =
        !entry.isDirectoryItself()
            ? directory + ForeignText.of(entry.name())
            : directory.length() == 1 ? directory : directory.substring(0, directory.length() - 1);
    return Optional.of(new Name(path, seen.get().layered(), entry.directory()));
  }

  /** What an event is about; where the kernel doesn't tell it, what has the name now. */
  private @Nullable FileHandle file(Entry entry, @Nullable FileHandle known) {
    return known != null ? known : handles.find(entry.directory(), entry.name()).orElse(null);
  }

  /** Null where it is gone. */
  private @Nullable Held hold(@Nullable FileHandle file) {
    return file == null ? null : handles.hold(file);
  }

  private static FileIdentity identity(FoundFile found, Name name) {
    return new FileIdentity(
        found.device(), found.inode(), found.links(), name.directory().inode(), 0);
  }

  private FileIdentity gone(@Nullable FileHandle file, Name name) {
    return new FileIdentity(
        handles.device(), file == null ? 0 : file.inode(), 0, name.directory().inode(), 0);
  }

  private void tell(int pid, Change change, FileIdentity file, String path, Optional<String> from) {
    listener.changed(pid, change, file, path, from);
  }
}
