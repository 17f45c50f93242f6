package dev.mayfly.egress;

import dev.mayfly.linux.PipeCapacity;
import dev.mayfly.linux.SyscallException;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Empty pipes of one event loop, through which the kernel moves bytes from socket to socket. A
 * connection has one only while something of it is under way. Used by the loop's thread alone.
 */
final class Pipes {
  private static final int MOST_IDLE = 32;
  private static final int MOST_WIDE = 32;
  private static final int CAPACITY = 1 << 20;

  private final Deque<Pipe> idle = new ArrayDeque<>();
  private int wide;
  private boolean closed;

  /** Both ends, and how much is between them. */
  static final class Pipe {
    final FileDescriptor out;
    final FileDescriptor in;
    int filled;
    private boolean wide;

    private Pipe(FileDescriptor[] ends) {
      out = ends[0];
      in = ends[1];
    }

    void close() {
      close(out);
      close(in);
    }

    private static void close(FileDescriptor end) {
      try {
        end.close();
      } catch (IOException e) {
        // Nothing was written to it that could get lost, and the number is free again.
        return;
      }
    }
  }

  Pipe take() throws IOException {
    Pipe had = idle.poll();
    return had != null ? had : widened(new Pipe(FileDescriptor.pipe()));
  }

  /**
   * The more goes through at once, the fewer times the other end is woken. But what stands still in
   * pipes is the kernel's memory and no socket's, so only some are wide.
   */
  private Pipe widened(Pipe pipe) {
    if (wide < MOST_WIDE) {
      try {
        PipeCapacity.set(pipe.in.intValue(), CAPACITY);
        pipe.wide = true;
        wide++;
      } catch (SyscallException e) {
        // Only root may have many; one of the usual capacity does the same, slower.
        return pipe;
      }
    }
    return pipe;
  }

  /** Takes a pipe back. One with something in it is closed, so that nobody else gets that. */
  void giveBack(Pipe pipe) {
    if (closed || pipe.filled > 0 || idle.size() >= MOST_IDLE) {
      wide -= pipe.wide ? 1 : 0;
      pipe.close();
    } else {
      idle.push(pipe);
    }
  }

  void close() {
    closed = true;
    idle.forEach(Pipe::close);
    idle.clear();
  }
}
