package dev.mayfly.monitor;

import dev.mayfly.linux.FileHandle;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files of which something was told lately that explains what is told of them next. */
final class RecentFiles {
  /** More than a queue's worth is never between the two. */
  private static final int MOST = 4096;

  private final Map<FileHandle, Boolean> files =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<FileHandle, Boolean> eldest) {
          return size() > MOST;
        }
      };

  void add(FileHandle file) {
    files.put(file, true);
  }

  boolean has(FileHandle file) {
    return files.containsKey(file);
  }

  /** Whether it was there. */
  boolean forget(FileHandle file) {
    return files.remove(file) != null;
  }
}
