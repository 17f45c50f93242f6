package dev.mayfly.monitor;

import dev.mayfly.linux.FanotifyEvent.Entry;
import dev.mayfly.linux.FileHandle;
import dev.mayfly.linux.FileHandles;
import dev.mayfly.linux.FileHandles.Location;
import dev.mayfly.monitor.DiskPlaces.Seen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the directories of a file system are, by their handles. What events tell is kept for those
 * that are gone by the time somebody asks; of those that are there the kernel's word counts, since
 * equal events are told once and so not always in their order.
 */
final class DirectoryTree {
  /** How many directories are remembered, and so how much memory a sandbox can take. */
  private static final int MOST = 1 << 15;

  /** How deep below the root; a path to what is deeper is not told. */
  private static final int DEEPEST = 256;

  private final FileHandles handles;
  private final DiskPlaces places;
  private final Map<FileHandle, Node> nodes = new HashMap<>();

  /** Grows with each move, so that paths made before are known to be old. */
  private long moves;

  DirectoryTree(FileHandles handles, DiskPlaces places) {
    this.handles = handles;
    this.places = places;
  }

  /** One directory. */
  static final class Node {
    private @Nullable FileHandle parent;
    private String name = "";
    private boolean checked;
    private long pathOf = -1;
    private Optional<Seen> seen = Optional.empty();
    private boolean tooDeep;

    /** Mode and owner when it was last looked at; 0 where it never was. */
    private long attributes;

    /** Where the sandbox sees it; empty where it doesn't. */
    Optional<Seen> seen() {
      return seen;
    }

    boolean tooDeep() {
      return tooDeep;
    }

    /**
     * Whether these are not what they were; they are from now on.
     *
     * @param unlessKnown what it is where they are seen for the first time
     */
    boolean differs(long now, boolean unlessKnown) {
      boolean differs = attributes == 0 ? unlessKnown : attributes != now;
      attributes = now;
      return differs;
    }
  }

  /**
   * A directory with its present place.
   *
   * @return empty where it is gone, and was never known
   */
  Optional<Node> at(FileHandle directory) {
    @Nullable Node node = checked(directory);
    if (node == null) {
      return Optional.empty();
    }
    if (node.pathOf != moves) {
      place(node);
    }
    return Optional.of(node);
  }

  /** A directory was made, or has another name now. */
  void put(FileHandle directory, Entry place, boolean moved) {
    Node node = nodes.computeIfAbsent(directory, d -> new Node());
    node.parent = place.directory();
    node.name = ForeignText.of(place.name());
    node.checked = !moved;
    node.pathOf = -1;
    if (moved) {
      moves++;
    }
    bound();
  }

  void remove(FileHandle directory) {
    nodes.remove(directory);
  }

  /** Events were lost: nothing that they told counts any more. */
  void forget() {
    nodes.clear();
    moves++;
  }

  private void bound() {
    if (nodes.size() > MOST) {
      forget();
    }
  }

  private @Nullable Node checked(FileHandle directory) {
    @Nullable Node node = nodes.get(directory);
    if (node != null && node.checked) {
      return node;
    }
    if (directory.equals(handles.root())) {
      node = new Node();
      node.checked = true;
      nodes.put(directory, node);
      return node;
    }
    Optional<Location> now = handles.locate(directory);
    if (now.isPresent()) {
      String name = ForeignText.of(now.get().name());
      if (node == null) {
        node = new Node();
        bound();
        nodes.put(directory, node);
      } else if (!Objects.equals(now.get().parent(), node.parent) || !name.equals(node.name)) {
        moves++;
      }
      node.parent = now.get().parent();
      node.name = name;
    }
    if (node != null) {
      node.checked = true;
    }
    return node;
  }

  private void place(Node node) {
    List<String> names = new ArrayList<>();
    @Nullable Node at = node;
    node.tooDeep = false;
    while (at != null && at.parent != null && names.size() < DEEPEST) {
      names.add(at.name);
      at = checked(at.parent);
    }
    node.pathOf = moves;
    node.tooDeep = names.size() >= DEEPEST;
    node.seen =
        at == null || node.tooDeep
            ? Optional.empty()
            : places.seen(String.join("/", names.reversed()));
  }
}
