package dev.mayfly.bpf;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Files whose use is told, by what they and their directory are called, wherever they are.
 *
 * @param directory name of the directory, not its path; empty: any
 * @param name of the file; empty: all
 * @param below the files of the directories right below, instead of those right in it
 */
public record WatchedName(String directory, String name, boolean below, Set<Use> uses) {
  /** What of a file is told. */
  public enum Use {
    READ,
    WRITE
  }

  public WatchedName {
    uses = Set.copyOf(uses);
    check(directory, EventLayout.PARENT_NAME - 1);
    check(name, EventLayout.PLACE_NAME - 1);
    if (directory.isEmpty() && (name.isEmpty() || below)) {
      throw new IllegalArgumentException("a directory or a name is needed");
    }
    if (below && !name.isEmpty()) {
      throw new IllegalArgumentException(
          "all files below a directory are told, whatever their name");
    }
    if (uses.isEmpty()) {
      throw new IllegalArgumentException("no use is told");
    }
  }

  private static void check(String name, int most) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length > most || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "not the name of a directory's entry of at most " + most + " bytes: " + name);
    }
  }
}
