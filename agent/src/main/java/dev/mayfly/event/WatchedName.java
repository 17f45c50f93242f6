package dev.mayfly.event;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Files of which the kernel is to tell when they are opened, by the names of the directory entries
 * that were found at last, wherever these are.
 *
 * @param directory name of the directory that they are in; empty: any
 * @param name of them; empty: any
 * @param below whether it is those in the directories right below {@code directory}
 * @param uses what of them is told
 * @param refusable those uses that a policy can have refused: reading, where the files hold
 *     credentials, and writing, where something is started by them later
 */
public record WatchedName(
    String directory, String name, boolean below, Set<Use> uses, Set<Use> refusable) {
  /** Bytes, as the kernel's side has room. */
  public static final int LONGEST_DIRECTORY = 31;

  public static final int LONGEST_NAME = 47;

  /**
   * @throws IllegalArgumentException that begins with the key of the rules' file that is wrong
   */
  public WatchedName {
    uses = Set.copyOf(uses);
    refusable = Set.copyOf(refusable);
    require("directory", directory, LONGEST_DIRECTORY);
    require("name", name, LONGEST_NAME);
    if (directory.isEmpty() && name.isEmpty()) {
      throw new IllegalArgumentException(
          "directory and name are both missing: write at least one of them");
    }
    if (below && (directory.isEmpty() || !name.isEmpty())) {
      throw new IllegalArgumentException("below needs a directory, and takes no name");
    }
    if (uses.isEmpty()) {
      throw new IllegalArgumentException("use names nothing: write [read], [write] or both");
    }
    if (!uses.containsAll(refusable)) {
      throw new IllegalArgumentException("refusable names more than use: write it there, too");
    }
  }

  private static void require(String key, String text, int longest) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > longest) {
      throw new IllegalArgumentException(
          "%s has %d bytes, and the kernel's side compares at most %d: watch something else of it"
              .formatted(key, bytes, longest));
    }
    if (List.of(".", "..").contains(text) || text.indexOf('/') >= 0 || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          key + " is not the name of a directory entry: write one without slashes");
    }
  }

  /** The same place for what another says, too. */
  public WatchedName with(WatchedName other) {
    return new WatchedName(
        directory, name, below, both(uses, other.uses), both(refusable, other.refusable));
  }

  private static Set<Use> both(Set<Use> one, Set<Use> other) {
    Set<Use> both = EnumSet.noneOf(Use.class);
    both.addAll(one);
    both.addAll(other);
    return both;
  }

  /** What is done with a file. */
  public enum Use {
    READ,
    WRITE;

    /** The word for it in the rules' files. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
