package dev.mayfly.linux;

import dev.mayfly.linux.ProcessEvent.Told;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What recv(2) of a process connector's socket gives: netlink, connector and process event. */
final class ProcessEventDecoder {
  static final int CONNECTOR_HEADER = 20;
  static final int PROCESSES = 1;

  private static final int EVENT_HEADER = 16;
  private static final int MOST_DATA = 24;
  private static final int NAME = 16;

  private static final int ANSWERED = 0;
  private static final int FORKED = 0x1;
  private static final int EXECUTED = 0x2;
  private static final int USER = 0x4;
  private static final int GROUP = 0x40;
  private static final int SESSION = 0x80;
  private static final int TRACED = 0x100;
  private static final int NAMED = 0x200;
  private static final int EXITED = 0x8000_0000;

  private ProcessEventDecoder() {}

  /**
   * Takes the events one after another.
   *
   * @return false where the bytes are none of the kernel's: what was before is taken, what is after
   *     is not
   */
  static boolean decode(ByteBuffer all, Consumer<Told> events) {
    int at = all.position();
    while (at < all.limit()) {
      int left = all.limit() - at;
      if (left < NetlinkMessage.HEADER) {
        return false;
      }
      int size = all.getInt(at);
      if (size < NetlinkMessage.HEADER || size > left) {
        return false;
      }
      int message = at + NetlinkMessage.HEADER;
      int length = size - NetlinkMessage.HEADER;
      if (length >= CONNECTOR_HEADER && all.getInt(message) == PROCESSES) {
        if (length < CONNECTOR_HEADER + EVENT_HEADER) {
          return false;
        }
        // Older kernels send shorter ones: what is not there reads as zeros.
        byte[] data = new byte[MOST_DATA];
        int start = message + CONNECTOR_HEADER + EVENT_HEADER;
        all.get(start, data, 0, Math.min(MOST_DATA, at + size - start));
        events.accept(told(all, message, ByteBuffer.wrap(data).order(all.order())));
      }
      at += (size + 3) & ~3;
    }
    return true;
  }

  private static Told told(ByteBuffer all, int message, ByteBuffer data) {
    int event = message + CONNECTOR_HEADER;
    int kind = all.getInt(event);
    return new Told(
        all.getInt(event + 4),
        all.getInt(message + 8),
        all.getLong(event + 8),
        event(kind, all.getInt(message + 12), data));
  }

  private static ProcessEvent event(int kind, int acknowledged, ByteBuffer data) {
    int first = data.getInt(0);
    int second = data.getInt(4);
    int third = data.getInt(8);
    int fourth = data.getInt(12);
    return switch (kind) {
      case ANSWERED -> new ProcessEvent.Answered(acknowledged, first);
      case FORKED -> new ProcessEvent.Forked(second, third, fourth);
      case EXECUTED -> new ProcessEvent.Executed(second);
      case USER -> new ProcessEvent.UserChanged(second, third, fourth);
      case GROUP -> new ProcessEvent.GroupChanged(second, third, fourth);
      case SESSION -> new ProcessEvent.SessionBegan(second);
      case TRACED -> new ProcessEvent.Traced(second, fourth);
      case NAMED -> new ProcessEvent.Named(first, second, name(data));
      case EXITED -> new ProcessEvent.Exited(first, second, third);
      default -> new ProcessEvent.Other(kind);
    };
  }

  private static String name(ByteBuffer data) {
    int end = 2 * Integer.BYTES;
    while (end < 2 * Integer.BYTES + NAME && data.get(end) != 0) {
      end++;
    }
    byte[] name = new byte[end - 2 * Integer.BYTES];
    data.get(2 * Integer.BYTES, name);
    return new String(name, StandardCharsets.UTF_8);
  }
}
