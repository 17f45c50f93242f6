package dev.mayfly.detect;

import dev.mayfly.policy.Quote;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Files of which the kernel is to tell when they are opened, by the names of the directory entries
 * that were found at last.
 *
 * @param directory of the one that they are in; empty: any
 * @param name of them; empty: any
 * @param below whether it is those in the directories right below {@code directory}
 * @param uses what of them is told
 */
public record Watched(
    Optional<String> directory, Optional<String> name, boolean below, Set<Use> uses) {
  /** Bytes, as the kernel's side has room. */
  static final int LONGEST_DIRECTORY = 31;

  static final int LONGEST_NAME = 47;

  /**
   * @throws IllegalArgumentException that begins with the key that is wrong
   */
  public Watched {
    uses = Set.copyOf(uses);
    directory.ifPresent(text -> require("directory", text, LONGEST_DIRECTORY));
    name.ifPresent(text -> require("name", text, LONGEST_NAME));
    if (directory.isEmpty() && name.isEmpty()) {
      throw new IllegalArgumentException(
          "directory and name are both missing: write at least one of them");
    }
    if (below && (directory.isEmpty() || name.isPresent())) {
      throw new IllegalArgumentException("below needs a directory, and takes no name");
    }
    if (uses.isEmpty()) {
      throw new IllegalArgumentException("use names nothing: write [read], [write] or both");
    }
  }

  private static void require(String key, String text, int longest) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > longest) {
      throw new IllegalArgumentException(
          "%s %s has %d bytes, and the kernel's side compares at most %d: watch something else of it"
              .formatted(key, Quote.of(text), bytes, longest));
    }
    if (text.isEmpty()
        || text.equals(".")
        || text.equals("..")
        || text.indexOf('/') >= 0
        || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "%s %s is not the name of a directory entry: write one without slashes"
              .formatted(key, Quote.of(text)));
    }
  }

  /** The same place for what another says, too. */
  Watched withUsesOf(Watched other) {
    Set<Use> both = EnumSet.copyOf(uses);
    both.addAll(other.uses);
    return new Watched(directory, name, below, both);
  }

  /** What is done with a file. */
  public enum Use {
    READ,
    WRITE;

    /** The word for it in the file. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
