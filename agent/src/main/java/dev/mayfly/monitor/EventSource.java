package dev.mayfly.monitor;

import dev.mayfly.event.Event;
import java.io.IOException;
import java.util.List;

/** Where events come from. One serves all sandboxes of a supervisor, by several threads. */
public interface EventSource extends AutoCloseable {

  /** The word for it in reports, such as {@code ebpf}. */
  String name();

  /** What it sees less of than the best source would, each a sentence for a person. */
  List<String> weaknesses();

  /**
   * Begins to watch a sandbox, before its container is started. What the container's engine does in
   * the sandbox's cgroups until its first program runs may be told.
   *
   * @throws IOException where it can't be watched; nothing of it is left then
   */
  Watching watch(Target target, Sink sink) throws IOException;

  /**
   * What is to be watched.
   *
   * @param cgroup path of a cgroup below which all its processes will be, in each hierarchy where
   *     it exists; it exists now
   * @param killsMemoryReaders whether who opens another process's memory is killed at once
   */
  record Target(String cgroup, boolean killsMemoryReaders) {}

  /** Takes what is seen, from one thread at a time, which it must not keep waiting. */
  interface Sink {
    void event(Event event);

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
