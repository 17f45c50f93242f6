package dev.mayfly.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process as far as events told of it, at one moment.
 *
 * @param parent who made it, also where that one has ended and it has another parent now
 * @param path of what it runs; that of its parent until it executes something itself; empty where
 *     no event told
 * @param called as it was executed; of a script, the script
 * @param generation how many ancestors it has
 * @param uid effective, as the sandbox numbers it
 * @param started nanoseconds of CLOCK_BOOTTIME
 */
public record Actor(
    ProcessKey key,
    Optional<Actor> parent,
    FileIdentity file,
    String path,
    String called,
    List<String> arguments,
    String directory,
    int uid,
    int session,
    int generation,
    long started) {

  public Actor {
    arguments = List.copyOf(arguments);
  }

  /** The last part of {@link #path}. */
  public String program() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The last part of {@link #called}: of a script its name, of a link the link's. */
  public String name() {
    String name = called.substring(called.lastIndexOf('/') + 1);
    return name.isEmpty() ? program() : name;
  }

  /** The arguments with a blank between them. */
  public String commandLine() {
    return String.join(" ", arguments);
  }

  /**
   * Its ancestors, the nearest first.
   *
   * @param most how many at most
   */
  public List<Actor> ancestors(int most) {
    List<Actor> found = new ArrayList<>();
    for (Optional<Actor> at = parent; at.isPresent() && found.size() < most; at = at.get().parent) {
      found.add(at.get());
    }
    return List.copyOf(found);
  }
}
