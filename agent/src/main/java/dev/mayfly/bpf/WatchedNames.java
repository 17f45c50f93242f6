package dev.mayfly.bpf;

import dev.mayfly.event.WatchedName;
import dev.mayfly.linux.BpfMap;
import dev.mayfly.linux.SyscallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Tells the programs which files' uses are worth telling. */
public final class WatchedNames {
  private static final String BELOW = "/";

  private WatchedNames() {}

  /**
   * Sets them.
   *
   * @param names the programs' map of that name
   */
  public static void watch(BpfMap names, Collection<WatchedName> watched) throws SyscallException {
    for (Map.Entry<ByteBuffer, Integer> entry : entries(watched).entrySet()) {
      byte[] value = new byte[Integer.BYTES];
      ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).putInt(0, entry.getValue());
      names.put(entry.getKey().array(), value);
    }
  }

  /** Keys with their flags. */
  static Map<ByteBuffer, Integer> entries(Collection<WatchedName> watched) {
    Map<ByteBuffer, Integer> entries = new HashMap<>();
    for (WatchedName one : watched) {
      String name = one.below() ? BELOW : one.name();
      entries.merge(key(one.directory(), name), flags(one), (a, b) -> a | b);
      if (!one.directory().isEmpty() && !one.name().isEmpty()) {
        // Another directory in its place, and the file is another one.
        entries.merge(
            key("", one.directory()), EventLayout.PLACE_DIRECTORY | marks(one), (a, b) -> a | b);
      }
    }
    return entries;
  }

  /** struct name_key: both names, padded with NUL. */
  static ByteBuffer key(String directory, String name) {
    return ByteBuffer.wrap(new byte[EventLayout.PARENT_NAME + EventLayout.PLACE_NAME])
        .put(0, directory.getBytes(StandardCharsets.UTF_8))
        .put(EventLayout.PARENT_NAME, name.getBytes(StandardCharsets.UTF_8));
  }

  private static int flags(WatchedName watched) {
    int flags = marks(watched);
    for (WatchedName.Use use : watched.uses()) {
      flags |=
          switch (use) {
            case READ -> EventLayout.PLACE_READ;
            case WRITE -> EventLayout.PLACE_WRITE;
          };
    }
    return flags;
  }

  private static int marks(WatchedName watched) {
    int marks = 0;
    for (WatchedName.Use use : watched.refusable()) {
      marks |=
          switch (use) {
            case READ -> EventLayout.PLACE_SECRET;
            case WRITE -> EventLayout.PLACE_START;
          };
    }
    return marks;
  }
}
