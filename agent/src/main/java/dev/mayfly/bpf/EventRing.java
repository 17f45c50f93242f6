package dev.mayfly.bpf;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the records of a ring buffer that is mapped (kernel document bpf/ringbuf), in the order in
 * which they were reserved. For one thread.
 */
public final class EventRing {
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final int HEADER = 8;
  private static final int BUSY = 1 << 31;
  private static final int DISCARD = 1 << 30;

  private final ByteBuffer consumer;
  private final ByteBuffer producer;
  private final ByteBuffer records;
  private final int size;

  /**
   * All three are direct and in the machine's byte order.
   *
   * @param consumer begins with the position that this reader writes
   * @param producer begins with the position that the kernel writes
   * @param records the ring, twice
   */
  public EventRing(ByteBuffer consumer, ByteBuffer producer, ByteBuffer records) {
    this.consumer = consumer;
    this.producer = producer;
    this.records = records;
    this.size = records.capacity() / 2;
    if (Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("no size of a ring: " + size);
    }
  }

  /** Takes what is read. */
  public interface Reader {
    /** One record, which is there until this returns. */
    void record(ByteBuffer records, int at, int length);

    /**
     * The room of the record before is the kernel's again.
     *
     * @param cost bytes that it took of the ring
     */
    void passed(long cost);
  }

  /** What a record takes of the ring. */
  static long cost(int length) {
    return ((length + 7L) & ~7L) + HEADER;
  }

  /** Up to where it was read. Any thread may ask. */
  public long position() {
    return (long) LONG.getAcquire(consumer, 0);
  }

  /** Up to where there are records, of which the last ones may not be finished. */
  public long end() {
    return (long) LONG.getAcquire(producer, 0);
  }

  /**
   * Reads what is there.
   *
   * @param most records at once
   * @return how many were read; 0 also where the next one is not finished
   * @throws IOException where what is there is no ring
   */
  public int drain(Reader reader, int most) throws IOException {
    long at = position();
    long end = end();
    int read = 0;
    while (at < end && read < most) {
      int offset = (int) (at & (size - 1));
      int header = (int) INT.getAcquire(records, offset);
      if ((header & BUSY) != 0) {
        break;
      }
      int length = header & ~(BUSY | DISCARD);
      long cost = cost(length);
      if (cost > size || cost > end - at) {
        throw new IOException(
            "the ring has a record of " + length + " bytes at " + at + ", but ends at " + end);
      }
      boolean told = (header & DISCARD) == 0;
      if (told) {
        reader.record(records, offset + HEADER, length);
      }
      at += cost;
      LONG.setRelease(consumer, 0, at);
      if (told) {
        reader.passed(cost);
      }
      read++;
    }
    return read;
  }
}
