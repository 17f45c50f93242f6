package dev.mayfly.linux;

import java.nio.ByteBuffer;

/**
 * The values of an array map that was made with BPF_F_MMAPABLE, as memory shared with the kernel.
 */
public final class MappedArray implements AutoCloseable {
  private final MappedPages pages;
  private final ByteBuffer values;

  private MappedArray(MappedPages pages, ByteBuffer values) {
    this.pages = pages;
    this.values = values;
  }

  /**
   * Maps it.
   *
   * @param size of all its values, in bytes
   */
  public static MappedArray of(BpfMap map, int size) throws SyscallException {
    MappedPages pages = MappedPages.of(map, 0, size, true);
    return new MappedArray(pages, pages.buffer(0, size));
  }

  /** In the machine's byte order. Whoever uses it after {@link #close} ends this process. */
  public ByteBuffer values() {
    return values;
  }

  @Override
  public void close() {
    pages.close();
  }
}
