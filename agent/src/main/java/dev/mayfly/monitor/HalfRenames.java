package dev.mayfly.monitor;

import dev.mayfly.linux.FanotifyEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Former names of renames whose new names are not told yet: kernels before 5.17 tell each apart. A
 * former name may be told too early, together with what was told of it before, so that the latest
 * one belongs to a new name.
 */
final class HalfRenames {
  private static final int MOST_PROCESSES = 1024;
  private static final int MOST_OF_ONE = 16;

  private final Map<Integer, Deque<FanotifyEvent.Entry>> byProcess =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Deque<FanotifyEvent.Entry>> eldest) {
          return size() > MOST_PROCESSES;
        }
      };

  void begin(int pid, FanotifyEvent.Entry from) {
    Deque<FanotifyEvent.Entry> open = byProcess.computeIfAbsent(pid, p -> new ArrayDeque<>());
    open.push(from);
    if (open.size() > MOST_OF_ONE) {
      open.removeLast();
    }
  }

  Optional<FanotifyEvent.Entry> complete(int pid) {
    Optional<FanotifyEvent.Entry> from =
        Optional.ofNullable(byProcess.get(pid)).flatMap(open -> Optional.ofNullable(open.poll()));
    byProcess.computeIfPresent(pid, (p, open) -> open.isEmpty() ? null : open);
    return from;
  }

  void forget() {
    byProcess.clear();
  }
}
