package dev.mayfly.runner.gitlab;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lines of Mayfly's own for a job's log. A runner reads that only while it calls a hook: what comes
 * in between waits for the next. Safe for use by many threads.
 */
final class JobLog {
  private static final int MOST_WAITING = 200;

  private final Deque<String> waiting = new ArrayDeque<>();
  private @Nullable Consumer<String> open;
  private long dropped;

  /** A line, now or with the next hook. */
  synchronized void add(String line) {
    Consumer<String> now = open;
    if (now != null) {
      now.accept(line);
    } else if (waiting.size() < MOST_WAITING) {
      waiting.add(line);
    } else {
      dropped++;
    }
  }

  /** A hook that writes to the log. */
  interface Open extends AutoCloseable {
    @Override
    void close();
  }

  /** Opens the log for as long as a hook is served. */
  synchronized Open openTo(Consumer<String> hook) {
    waiting.forEach(hook);
    waiting.clear();
    if (dropped > 0) {
      hook.accept(dropped + " more lines are in the report");
      dropped = 0;
    }
    open = hook;
    return () -> closeTo(hook);
  }

  private synchronized void closeTo(Consumer<String> hook) {
    if (hook.equals(open)) {
      open = null;
    }
  }
}
