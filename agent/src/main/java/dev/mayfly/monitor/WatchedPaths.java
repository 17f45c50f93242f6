package dev.mayfly.monitor;

import dev.mayfly.event.WatchedName;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/** Which changes of names are told: those of watched files, and of the directories they are in. */
public final class WatchedPaths implements Predicate<String> {
  private final Set<String> names = new HashSet<>();
  private final Set<String> directories = new HashSet<>();
  private final Set<String> above = new HashSet<>();
  private final Set<String> pairs = new HashSet<>();

  public WatchedPaths(Collection<WatchedName> watched) {
    for (WatchedName one : watched) {
      if (one.below()) {
        above.add(one.directory());
      } else if (one.directory().isEmpty()) {
        names.add(one.name());
      } else if (one.name().isEmpty()) {
        directories.add(one.directory());
      } else {
        pairs.add(one.directory() + "/" + one.name());
      }
    }
  }

  @Override
  public boolean test(String path) {
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    String parents = slash < 0 ? "" : path.substring(0, slash);
    int second = parents.lastIndexOf('/');
    String parent = parents.substring(second + 1);
    String upper = second < 0 ? "" : parents.substring(0, second);
    String grandparent = upper.substring(upper.lastIndexOf('/') + 1);
    return names.contains(name)
        || directories.contains(parent)
        || directories.contains(name)
        || above.contains(grandparent)
        || above.contains(parent)
        || above.contains(name)
        || pairs.contains(parent + "/" + name);
  }
}
