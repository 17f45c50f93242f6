package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The pages of a BPF ring buffer (kernel document bpf/ringbuf). The records are there twice, one
 * after the other, so that one which wraps lies in one piece, too.
 */
public final class MappedRing implements AutoCloseable {
  /** struct pollfd: fd, events, revents. */
  private static final int POLL_SIZE = 8;

  private final BpfMap map;
  private final int size;
  private final MappedPages consumer;
  private final MappedPages producer;
  private final Memory poll = new Memory(POLL_SIZE);

  private MappedRing(BpfMap map, int size, MappedPages consumer, MappedPages producer) {
    this.map = map;
    this.size = size;
    this.consumer = consumer;
    this.producer = producer;
  }

  /**
   * Maps it.
   *
   * @param size that it was made with, in bytes
   */
  public static MappedRing of(BpfMap map, int size) throws SyscallException {
    long page = pageSize();
    MappedPages consumer = MappedPages.of(map, 0, page, true);
    try {
      return new MappedRing(
          map, size, consumer, MappedPages.of(map, page, page + 2L * size, false));
    } catch (SyscallException e) {
      consumer.close();
      throw e;
    }
  }

  /** Bytes of a page of memory. */
  public static int pageSize() {
    return LibC.getpagesize();
  }

  /** Begins with the consumer's position, 64 bits, which is the reader's to write. */
  public ByteBuffer consumer() {
    return consumer.buffer(0, pageSize());
  }

  /** Begins with the producer's position, 64 bits. */
  public ByteBuffer producer() {
    return producer.buffer(0, pageSize());
  }

  public ByteBuffer records() {
    return producer.buffer(pageSize(), 2L * size);
  }

  /**
   * Waits until there is something to read, or the time is over: what was committed without a
   * wake-up is found then. For one thread.
   */
  public void await(Duration most) throws SyscallException {
    poll.setInt(0, map.fd());
    poll.setShort(4, LibC.POLLIN);
    poll.setShort(6, (short) 0);
    try {
      LibC.poll(poll, 1, Math.toIntExact(most.toMillis()));
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.EINTR) {
        throw new SyscallException("poll", map.name(), e.getErrorCode());
      }
    }
  }

  /** Only once nobody reads: whoever uses its buffers after this ends this process. */
  @Override
  public void close() {
    producer.close();
    consumer.close();
    poll.close();
  }
}
