package dev.mayfly.monitor;

import dev.mayfly.event.Event;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Where events come from. One serves all sandboxes of a supervisor, by several threads. */
public interface EventSource extends AutoCloseable {

  /** The word for it in reports, such as {@code ebpf}. */
  String name();

  /** What it sees less of than the best source would, each a sentence for a person. */
  List<String> weaknesses();

  /** Those of them that leave something of what a job does unseen. */
  default List<String> gaps() {
    return List.of();
  }

  /**
   * Begins to watch a sandbox, whose PID 1 waits. What the container's engine does in the sandbox's
   * cgroups may be told.
   *
   * @throws IOException where it can't be watched; nothing of it is left then
   */
  Watching watch(Target target, Sink sink) throws IOException;

  /**
   * What is to be watched.
   *
   * @param cgroup path of a cgroup below which all its processes will be, in each hierarchy where
   *     it exists; it exists now
   * @param answers what the kernel itself does about some of what it does, where the source can
   *     have it done
   */
  record Target(String cgroup, Set<Answer> answers) {
    public Target {
      answers = Set.copyOf(answers);
    }
  }

  /** What the kernel does at once, without asking anybody. */
  enum Answer {
    /** Who opens another process's memory is killed. */
    KILL_MEMORY_READERS,
    /**
     * Reading a file that is marked as a credential is refused; without LSM, who did it is killed.
     */
    REFUSE_CREDENTIALS,
    /** The same for writing a file by which something is started later. */
    REFUSE_PERSISTENCE,
    /** Who reads a file that is marked as a credential is killed. */
    KILL_CREDENTIALS,
    /** Who writes a file by which something is started later is killed. */
    KILL_PERSISTENCE
  }

  /** Which answers it can have given. */
  default Set<Answer> answers() {
    return Set.of();
  }

  /** Takes what is seen, from one thread at a time, which it must not keep waiting. */
  interface Sink {
    void event(Event event);

    /** One of several that come together: {@link #pause} follows the last of them. */
    default void eventOfSeveral(Event event) {
      event(event);
    }

    default void pause() {}

    /**
     * Something of which no more is known than how often it was.
     *
     * @param what a word of the kind that kinds of events have
     */
    default void counted(String what, long count) {}

    /**
     * Something was lost, so that not all is known of what the sandbox did.
     *
     * @param what of what, and why, for a person
     */
    void lost(String what, long count);
  }

  /** A sandbox that is watched. */
  interface Watching {
    /**
     * Its container runs: the source can look at its files now.
     *
     * @param pid of its PID 1 as the host numbers it
     */
    void started(long pid) throws IOException;

    /**
     * Lets go of what it holds of the sandbox's files, so that these can be taken away. May be
     * asked for again.
     */
    default void release() {}

    /** Ends it, once no process of the sandbox is left. May be asked for again. */
    void end() throws IOException;
  }

  @Override
  void close();
}
