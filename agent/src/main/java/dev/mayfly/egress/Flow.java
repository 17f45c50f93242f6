package dev.mayfly.egress;

import dev.mayfly.egress.Pipes.Pipe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes from one socket to another, moved by splice(2) through a pipe, so that none of them is
 * in this process. Reads only when all that was read is written, and not before it is opened. Used
 * by its loop's thread alone.
 *
 * <p>Netty's own spliceTo is not used: it can't tell the end of a stream from one that has nothing
 * yet, shuts its input before it is drained, and is to be removed.
 */
final class Flow {
  private static final int MOST_AT_ONCE = 1 << 20;
  private static final int ROUNDS = 4;
  private static final int COPIED = 4096;

  private final RelayEnd from;
  private final RelayEnd to;
  private final Pipes pipes;
  private final ByteBufAllocator buffers;
  private final Optional<UploadBudget.Meter> meter;
  private @Nullable ByteBuf head;
  private @Nullable Pipe pipe;
  private boolean open;
  private boolean ended;
  private boolean done;
  private boolean blocked;

  /**
   * @param head goes before anything else, also while the flow is not open; owned by the flow
   */
  Flow(
      RelayEnd from,
      RelayEnd to,
      Pipes pipes,
      ByteBufAllocator buffers,
      Optional<UploadBudget.Meter> meter,
      @Nullable ByteBuf head) {
    this.from = from;
    this.to = to;
    this.pipes = pipes;
    this.buffers = buffers;
    this.meter = meter;
    this.head = head;
  }

  /**
   * Reads a little the common way, into a buffer of the caller, of which nothing is passed on.
   *
   * @return how many bytes; 0 where there is nothing yet, negative at the end
   * @throws CutException where more came than may be sent
   */
  int receive(ByteBuf into) throws IOException, CutException {
    ByteBuffer bytes = into.ensureWritable(COPIED).internalNioBuffer(into.writerIndex(), COPIED);
    int count = from.socket().recv(bytes, bytes.position(), bytes.limit());
    if (count > 0) {
      into.writerIndex(into.writerIndex() + count);
      spend(count);
    }
    return count;
  }

  /**
   * Reads from now on.
   *
   * @param more goes before what is read, and was counted; owned by the flow
   * @param last whether the end follows it, and nothing is read
   */
  void open(ByteBuf more, boolean last) {
    open = true;
    ended = last;
    if (head == null) {
      head = more;
    } else {
      ByteBuf both = buffers.directBuffer(head.readableBytes() + more.readableBytes());
      both.writeBytes(head).writeBytes(more);
      head.release();
      more.release();
      head = both;
    }
    if (!head.isReadable()) {
      head.release();
      head = null;
    }
    blocked = head != null || last;
  }

  /** Whether the end of the stream was passed on. */
  boolean isDone() {
    return done;
  }

  /** What is waited for on the socket that is read. */
  int wantsIn() {
    return !open || done || ended || blocked ? 0 : RelayEnd.IN;
  }

  /** What is waited for on the socket that is written. */
  int wantsOut() {
    return blocked ? RelayEnd.OUT : 0;
  }

  /**
   * Moves what is there, for a while.
   *
   * @throws CutException where more came than may be sent
   */
  void pump() throws IOException, CutException {
    for (int round = 0; !done; round++) {
      if (!written()) {
        blocked = true;
        return;
      }
      blocked = false;
      if (ended) {
        to.socket().shutdown(false, true);
        done = true;
      } else if (open && round < ROUNDS && read(round == 0)) {
        continue;
      }
      release();
      return;
    }
  }

  /** Whether nothing is left of what was read. */
  private boolean written() throws IOException {
    if (head != null) {
      ByteBuffer bytes = head.nioBuffer();
      head.skipBytes(to.socket().send(bytes, bytes.position(), bytes.limit()));
      if (head.isReadable()) {
        return false;
      }
      head.release();
      head = null;
    }
    if (pipe != null && pipe.filled > 0) {
      pipe.filled -= Native.splice(pipe.out.intValue(), -1, to.number(), -1, pipe.filled);
      return pipe.filled == 0;
    }
    return true;
  }

  /** Whether there was something, the end included. */
  private boolean read(boolean first) throws IOException, CutException {
    long most = meter.map(UploadBudget.Meter::left).orElse(Long.MAX_VALUE);
    if (most > 0) {
      if (pipe == null) {
        pipe = pipes.take();
      }
      pipe.filled =
          Native.splice(from.number(), -1, pipe.in.intValue(), -1, Math.min(MOST_AT_ONCE, most));
      if (pipe.filled > 0) {
        spend(pipe.filled);
        return true;
      }
    }
    return (first || most == 0) && copied();
  }

  /**
   * Reads a little the common way. Splice gives nothing both at the end and where there is nothing
   * yet, and stops at urgent data (RFC 6093), of which the socket would tell forever.
   */
  private boolean copied() throws IOException, CutException {
    ByteBuf buffer = buffers.directBuffer(COPIED);
    try {
      int count = receive(buffer);
      if (count < 0) {
        ended = true;
      } else if (count > 0) {
        head = buffer.retain();
      }
      return count != 0;
    } finally {
      buffer.release();
    }
  }

  private void spend(int count) throws CutException {
    if (meter.isPresent() && !meter.get().spend(count)) {
      throw new CutException(meter.get().reason());
    }
  }

  /** Gives back what the flow holds. */
  void close() {
    done = true;
    if (head != null) {
      head.release();
      head = null;
    }
    release();
  }

  private void release() {
    if (pipe != null) {
      pipes.giveBack(pipe);
      pipe = null;
    }
  }
}
