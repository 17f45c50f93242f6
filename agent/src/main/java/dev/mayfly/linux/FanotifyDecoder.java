package dev.mayfly.linux;

import dev.mayfly.linux.FanotifyEvent.Entry;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What read(2) of a fanotify group gives (include/uapi/linux/fanotify.h). */
final class FanotifyDecoder {
  private static final int VERSION = 3;
  private static final int METADATA = 24;
  private static final int INFO_HEADER = 4;
  private static final int FSID = 8;
  private static final int HANDLE_HEADER = 8;

  private static final int FID = 1;
  private static final int DIRECTORY_AND_NAME = 2;
  private static final int DIRECTORY = 3;
  private static final int OLD_NAME = 10;
  private static final int NEW_NAME = 12;

  private FanotifyDecoder() {}

  /**
   * Takes the events one after another.
   *
   * @return false where the bytes are none of the kernel's: what was before is taken, what is after
   *     is not
   */
  static boolean decode(ByteBuffer all, Consumer<FanotifyEvent> events) {
    int at = all.position();
    while (at < all.limit()) {
      if (all.limit() - at < METADATA) {
        return false;
      }
      int length = all.getInt(at);
      int metadata = Short.toUnsignedInt(all.getShort(at + 6));
      if (length < METADATA
          || length > all.limit() - at
          || all.get(at + 4) != VERSION
          || metadata < METADATA
          || metadata > length) {
        return false;
      }
      @Nullable FanotifyEvent event = event(all, at, at + metadata, at + length);
      if (event == null) {
        return false;
      }
      events.accept(event);
      at += length;
    }
    return true;
  }

  private static @Nullable FanotifyEvent event(ByteBuffer all, int start, int from, int end) {
    @Nullable Entry entry = null;
    @Nullable Entry renamed = null;
    @Nullable FileHandle file = null;
    for (int at = from; at < end; ) {
      if (end - at < INFO_HEADER) {
        return null;
      }
      int type = all.get(at);
      int length = Short.toUnsignedInt(all.getShort(at + 2));
      if (length < INFO_HEADER || length > end - at) {
        return null;
      }
      switch (type) {
        case FID, DIRECTORY_AND_NAME, DIRECTORY, OLD_NAME, NEW_NAME -> {
          @Nullable FileHandle handle = handle(all, at, length);
          if (handle == null) {
            return null;
          }
          switch (type) {
            case FID -> file = handle;
            case NEW_NAME -> renamed = new Entry(handle, name(all, at, length));
            case DIRECTORY -> entry = new Entry(handle, new byte[] {'.'});
            default -> entry = new Entry(handle, name(all, at, length));
          }
        }
        default -> {} // Of a newer kernel.
      }
      at += length;
    }
    return new FanotifyEvent(
        all.getLong(start + 8),
        all.getInt(start + 20),
        all.getInt(start + 16),
        entry,
        renamed,
        file);
  }

  private static @Nullable FileHandle handle(ByteBuffer all, int info, int length) {
    int start = info + INFO_HEADER + FSID;
    if (length < INFO_HEADER + FSID + HANDLE_HEADER) {
      return null;
    }
    int size = all.getInt(start);
    if (size < 0
        || size > FileHandle.MOST_BYTES
        || size > length - INFO_HEADER - FSID - HANDLE_HEADER) {
      return null;
    }
    byte[] bytes = new byte[size];
    all.get(start + HANDLE_HEADER, bytes);
    return new FileHandle(all.getInt(start + 4), bytes);
  }

  /** Up to its zero byte, or to the end of the record. */
  private static byte[] name(ByteBuffer all, int info, int length) {
    int handle = info + INFO_HEADER + FSID;
    int start = handle + HANDLE_HEADER + all.getInt(handle);
    int end = start;
    while (end < info + length && all.get(end) != 0) {
      end++;
    }
    byte[] name = new byte[end - start];
    all.get(start, name);
    return name;
  }
}
