package dev.mayfly.egress;

import dev.mayfly.egress.Pipes.Pipe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Native;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes from one socket to another, moved by splice(2) through a pipe, so that none of them is
 * in this process. Reads only when all that was read is written. Used by its loop's thread alone.
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
  private boolean ended;
  private boolean done;
  private boolean blocked;

  /**
   * @param head goes before what is read; owned by the flow
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

  /** Whether the end of the stream was passed on. */
  boolean isDone() {
    return done;
  }

  /** What is waited for on the socket that is read. */
  int wantsIn() {
    return done || ended || blocked ? 0 : RelayEnd.IN;
  }

  /** What is waited for on the socket that is written. */
  int wantsOut() {
    return blocked ? RelayEnd.OUT : 0;
  }

  /**
   * Moves what is there, for a while.
   *
   * @throws OverBudgetException where more came than may be sent
   */
  void pump() throws IOException, OverBudgetException {
    for (int round = 0; !done; round++) {
      if (!written()) {
        blocked = true;
        return;
      }
      blocked = false;
      if (ended) {
        to.socket().shutdown(false, true);
        done = true;
      } else if (round < ROUNDS && read(round == 0)) {
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
  private boolean read(boolean first) throws IOException, OverBudgetException {
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
  private boolean copied() throws IOException, OverBudgetException {
    ByteBuf buffer = buffers.directBuffer(COPIED);
    try {
      ByteBuffer bytes = buffer.internalNioBuffer(0, COPIED);
      int count = from.socket().recv(bytes, bytes.position(), bytes.limit());
      if (count < 0) {
        ended = true;
      } else if (count > 0) {
        spend(count);
        head = buffer.writerIndex(count).retain();
      }
      return count != 0;
    } finally {
      buffer.release();
    }
  }

  private void spend(int count) throws OverBudgetException {
    if (meter.isPresent() && !meter.get().spend(count)) {
      throw new OverBudgetException(meter.get().reason());
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

  /** A sandbox wants to send more by a rule than the rule lets it. */
  static final class OverBudgetException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    OverBudgetException(String message) {
      super(message, null, false, false);
    }
  }
}
