package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Waits until a descriptor can be read, or until it is told to stop (poll(2), eventfd(2)). */
final class Readiness implements AutoCloseable {
  private static final int ENTRY = 8;
  private static final int EVENTS = 4;
  private static final int RETURNED = 6;

  private final FileDescriptorHandle stop;
  private final ByteBuffer entries =
      ByteBuffer.allocateDirect(2 * ENTRY).order(ByteOrder.nativeOrder());

  private final ByteBuffer stopEntry;

  private Readiness(FileDescriptorHandle stop, int fd) {
    this.stop = stop;
    entries.putInt(0, fd).putShort(EVENTS, WatchCalls.POLLIN);
    entries.putInt(ENTRY, stop.fd()).putShort(ENTRY + EVENTS, WatchCalls.POLLIN);
    stopEntry = entries.slice(ENTRY, ENTRY).order(ByteOrder.nativeOrder());
  }

  static Readiness of(int fd) throws SyscallException {
    try {
      return new Readiness(
          FileDescriptorHandle.of(WatchCalls.eventfd(0, WatchCalls.EFD_CLOEXEC)), fd);
    } catch (LastErrorException e) {
      throw new SyscallException("eventfd", fd, e.getErrorCode());
    }
  }

  /**
   * Blocks the thread. One thread at a time.
   *
   * @return false once it was told to stop
   */
  boolean await() throws SyscallException {
    poll(entries, 2, -1);
    return entries.getShort(ENTRY + RETURNED) == 0;
  }

  /**
   * As {@link #await}, and then a little longer, so that what comes in a row is read at once: a
   * reader that wakes for each event costs several times as much.
   */
  boolean awaitSome(int milliseconds) throws SyscallException {
    if (await()) {
      poll(stopEntry, 1, milliseconds);
      return stopEntry.getShort(RETURNED) == 0;
    }
    return false;
  }

  /** Whether it can be read within a time. */
  boolean awaitFor(int milliseconds) throws SyscallException {
    poll(entries, 2, milliseconds);
    return entries.getShort(RETURNED) != 0;
  }

  private static void poll(ByteBuffer entries, long count, int timeout) throws SyscallException {
    while (true) {
      try {
        WatchCalls.poll(entries, count, timeout);
        return;
      } catch (LastErrorException e) {
        if (e.getErrorCode() != Errno.EINTR) {
          throw new SyscallException("poll", entries.getInt(0), e.getErrorCode());
        }
      }
    }
  }

  /** Ends every {@link #await}. */
  void stop() {
    try {
      WatchCalls.write(stop.fd(), new byte[] {1, 0, 0, 0, 0, 0, 0, 0}, Long.BYTES);
    } catch (LastErrorException ignored) {
      // It is told already: the counter is full.
    }
  }

  /** Only once nobody waits. */
  @Override
  public void close() {
    stop.close();
  }
}
